/** Load: sessions that send mail without a pause until the server is gone, and remember what was acknowledged. */
import { connect, type Socket } from 'node:net';
import { type Numbers, numbersFrom } from './numbers.js';

/** A mail that was begun. */
export interface SentMail {
  readonly number: number;
  readonly to: readonly string[];
  /** The client has read 250 for its content. */
  acknowledged: boolean;
}

/** What a session was about when the server went away. */
export type Phase = 'commands' | 'content' | 'reply';

/** Mails from this number on are large: 50 000 to 150 000 octets. Before it most are below 3000, some up to 50 000. */
export const largeFrom = 1_000_000;

/** Content of a mail, the same whenever it is asked for. Its number stands on the first line. */
export function contentOf(number: number): Buffer {
  const numbers = numbersFrom(number * 2 + 1);
  const small = numbers.below(8) === 0 ? numbers.below(700) : numbers.below(40);
  const lines = number < largeFrom ? small : 700 + numbers.below(1300);
  const line = `${numbers.below(2 ** 31)} of mail ${number} `.padEnd(70, 'x');
  const body = Array.from({ length: lines }, (_, at) => `${at}${line}\r\n`);
  return Buffer.from(`Subject: mail ${number}\r\n\r\n${body.join('')}`);
}

/** The number in content that `contentOf` made; undefined in any other. */
export function numberOf(content: Buffer): number | undefined {
  const found = /^Subject: mail (\d+)\r\n/.exec(content.subarray(0, 40).toString('latin1'));
  return found ? Number(found[1]) : undefined;
}

export class Load {
  /** In order of number. */
  readonly sent: SentMail[] = [];
  readonly #firstNumber: number;
  readonly #recipients: readonly string[];
  readonly #numbers: Numbers;
  #sessions: Session[] = [];

  constructor(recipients: readonly string[], seed: number, firstNumber = 0) {
    this.#firstNumber = firstNumber;
    this.#recipients = recipients;
    this.#numbers = numbersFrom(seed);
  }

  get acknowledged(): number {
    return this.sent.reduce((sum, mail) => sum + Number(mail.acknowledged), 0);
  }

  /** Opens sessions that send until the server is gone. */
  start(port: number, sessions: number): void {
    this.#sessions = Array.from({ length: sessions }, () => new Session(port, () => this.#next()));
  }

  /** Whether a session has ended: the server went away, or said what it should not. */
  get isDisturbed(): boolean {
    return this.#sessions.some(({ isOver }) => isOver);
  }

  /** Resolves when every session has ended; gives what each was about. Throws if a server said what it should not. */
  async ended(): Promise<Phase[]> {
    await Promise.all(this.#sessions.map(({ ended }) => ended));
    for (const { fault } of this.#sessions) if (fault !== undefined) throw new Error(fault);
    return this.#sessions.map(({ phase }) => phase);
  }

  #next(): SentMail {
    const first = this.#numbers.below(this.#recipients.length);
    const count = this.#numbers.below(3) === 0 ? 1 + this.#numbers.below(this.#recipients.length) : 1;
    const to = Array.from(
      { length: count },
      (_, at) => this.#recipients[(first + at) % this.#recipients.length] as string,
    );
    const mail = { number: this.#firstNumber + this.sent.length, to, acknowledged: false };
    this.sent.push(mail);
    return mail;
  }
}

/** One connection: mail after mail, commands in one piece, content in pieces of its own. */
class Session {
  phase: Phase = 'commands';
  /** What the server should not have said. */
  fault: string | undefined;
  isOver = false;
  readonly ended: Promise<void>;
  readonly #socket: Socket;
  readonly #nextMail: () => SentMail;
  #mail: SentMail | undefined;
  #text = '';
  /** Replies still to come before 354. */
  #expected = 0;

  constructor(port: number, nextMail: () => SentMail) {
    this.#nextMail = nextMail;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('error', () => undefined);
    this.#socket.on('data', (text: string) => this.#take(text));
    this.ended = new Promise((done) => {
      this.#socket.on('close', () => {
        this.isOver = true;
        done();
      });
    });
  }

  #take(text: string): void {
    const lines = (this.#text + text).split('\r\n');
    this.#text = lines.pop() as string;
    for (const line of lines) if (line[3] === ' ') this.#reply(line);
  }

  #reply(line: string): void {
    if (line.startsWith('220')) this.#socket.write('EHLO load.example\r\n');
    else if (line.startsWith('354')) void this.#content();
    else if (!line.startsWith('250')) this.#fail(`a server under load answered ${line}`);
    else if (this.phase === 'reply' || this.#mail === undefined) {
      if (this.#mail) this.#mail.acknowledged = true;
      this.#begin();
    } else if (--this.#expected < 0) this.#fail(`one reply too many: ${line}`);
  }

  #fail(fault: string): void {
    this.fault = fault;
    this.#socket.destroy();
  }

  #begin(): void {
    const mail = this.#nextMail();
    this.#mail = mail;
    this.phase = 'commands';
    this.#expected = 1 + mail.to.length;
    const recipients = mail.to.map((one) => `RCPT TO:<${one}>\r\n`).join('');
    this.#socket.write(`MAIL FROM:<load@example.net>\r\n${recipients}DATA\r\n`);
  }

  /** One content in three goes out in pieces with pauses, so that many a kill comes in the middle of one. */
  async #content(): Promise<void> {
    this.phase = 'content';
    const { number } = this.#mail as SentMail;
    const content = contentOf(number);
    const piece = number % 3 === 0 ? Math.ceil(content.length / 5) : content.length;
    for (let at = 0; at < content.length; at += piece) {
      this.#socket.write(content.subarray(at, at + piece));
      if (at + piece < content.length) await new Promise((done) => setTimeout(done, 2));
    }
    this.phase = 'reply';
    this.#socket.write('.\r\n');
  }
}
