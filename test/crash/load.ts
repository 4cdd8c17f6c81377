/** Load: sessions that send mail without a pause until the server is gone, and remember what was acknowledged. */
import type { Phase, SentMail } from './load-mail.js';
import { type Owner, Session } from './load-session.js';
import { type Numbers, numbersFrom } from './numbers.js';

export interface LoadOptions {
  readonly recipients: readonly string[];
  readonly seed: number;
  /** Number of the first mail, which decides how large they are. */
  readonly firstNumber?: number;
  /** Whether a refusal for now (4xx) is borne: the session goes on after a pause, and comes again if it was sent away. */
  readonly isPatient?: boolean;
}

export class Load {
  /** In order of number. */
  readonly sent: SentMail[] = [];
  /** Milliseconds that each session waits between its mails. */
  pace = 0;
  /** How often the server refused for now. */
  refused = 0;
  readonly #options: LoadOptions;
  readonly #numbers: Numbers;
  #sessions: Session[] = [];

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#numbers = numbersFrom(options.seed);
  }

  get acknowledged(): number {
    return this.sent.reduce((sum, mail) => sum + Number(mail.acknowledged), 0);
  }

  /** Opens sessions that send until the server is gone. */
  start(port: number, sessions: number): void {
    const owner: Owner = {
      isPatient: this.#options.isPatient === true,
      pace: () => this.pace,
      nextMail: () => this.#next(),
      refused: () => {
        this.refused++;
      },
    };
    this.#sessions = Array.from({ length: sessions }, () => new Session(port, owner));
  }

  /** Whether a session has ended: the server went away, or said what it should not. */
  get isDisturbed(): boolean {
    return this.#sessions.some(({ isOver }) => isOver);
  }

  /** What each session is about now. */
  get phases(): Phase[] {
    return this.#sessions.map(({ phase }) => phase);
  }

  /** Resolves when every session has ended; gives what each was about. Throws if a server said what it should not. */
  async ended(): Promise<Phase[]> {
    await Promise.all(this.#sessions.map(({ ended }) => ended));
    for (const { fault } of this.#sessions) if (fault !== undefined) throw new Error(fault);
    return this.phases;
  }

  #next(): SentMail {
    const { recipients, firstNumber = 0 } = this.#options;
    const first = this.#numbers.below(recipients.length);
    const count = this.#numbers.below(3) === 0 ? 1 + this.#numbers.below(recipients.length) : 1;
    const to = Array.from(
      { length: count },
      (_, at) => recipients[(first + at) % recipients.length] as string,
    );
    const mail = { number: firstNumber + this.sent.length, to, acknowledged: false };
    this.sent.push(mail);
    return mail;
  }
}
