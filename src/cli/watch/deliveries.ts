/** Deliveries: each mail that came is held against its envelope, printed, and given to the command, one after the other. */
import { FormatError } from '../../core/errors.js';
import { append } from '../../core/long-lists.js';
import type { SegmentIndex } from '../../reader/blocks.js';
import { type KeyChange, type KeyChanges, keyChanges, type SeenKeys } from '../../reader/key-changes.js';
import type { Mail } from '../../reader/mail.js';
import type { Identity } from '../../seal/keys.js';
import { type Recalled, tellKeyChanges } from '../keys/told-keys.js';
import { print, say } from '../terminal/output.js';
import type { CommandEnd, MailCommand } from './mail-command.js';
import { PutOff } from './put-off.js';

export interface DeliveryOptions {
  readonly command: MailCommand | undefined;
  readonly line: (mail: Mail, changes: KeyChanges) => string;
  readonly recalled: Recalled;
  /** Says it if it lasts. */
  readonly fault: (words: string) => void;
  readonly isStopped: () => boolean;
}

/** Thrown between two mails when the program is to end. */
export class Stopped extends Error {}

/** Exit codes of a command, and of the shell, that ask for another try. */
const tryAgain = new Set([75, 126, 127]);

export class Deliveries {
  readonly putOff = new PutOff();
  readonly #options: DeliveryOptions;
  readonly #printed = new Set<string>();
  readonly #last = new Map<Identity, readonly SeenKeys[]>();
  readonly #changes: KeyChange[] = [];

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** True: it is done with. Throws Stopped. */
  async deliver(mail: Mail, index: SegmentIndex): Promise<boolean> {
    const { command, fault, isStopped } = this.#options;
    if (isStopped()) throw new Stopped();
    const { id } = mail;
    const resting = this.putOff.resting(id);
    if (resting) {
      if (resting.fault !== undefined) fault(resting.fault);
      return false;
    }
    try {
      if (!this.#printed.has(id)) await this.#print(mail, index);
      if (command) {
        const isDone = this.#judge(id, await command.run(id, index.content(mail)));
        if (!isDone) this.putOff.add(id);
        if (!isDone) return false;
      }
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      const words = `${error.message} (mail ${id})`;
      fault(words);
      this.putOff.add(id, words);
      return false;
    }
    this.#printed.delete(id);
    this.putOff.remove(id);
    return true;
  }

  /** Whether a mail that is delivered twice does something twice. */
  get isCostly(): boolean {
    return this.#options.command !== undefined;
  }

  /** What was seen of key sets, to be remembered. */
  get changes(): KeyChanges {
    return {
      all: this.#changes,
      of: ({ id }) => this.#changes.find((change) => change.mail.id === id),
      last: (identity) => this.#last.get(identity) ?? this.#options.recalled.of(identity).last,
    };
  }

  async #print(mail: Mail, index: SegmentIndex): Promise<void> {
    for await (const _ of index.plaintext(mail));
    const { recalled, line } = this.#options;
    const changes = keyChanges([mail], (identity) => this.#last.get(identity) ?? recalled.of(identity).last);
    this.#last.set(mail.identity, changes.last(mail.identity));
    append(this.#changes, changes.all);
    tellKeyChanges(changes, recalled);
    await print(line(mail, changes));
    this.#printed.add(mail.id);
  }

  #judge(id: string, end: CommandEnd): boolean {
    if ('signal' in end) {
      say(`obalka: mail ${id}: the command was ended by ${end.signal}; it gets the mail again`);
      return false;
    }
    if (tryAgain.has(end.code)) {
      say(`obalka: mail ${id}: the command ended with ${end.code}; it gets the mail again`);
      return false;
    }
    if (end.code !== 0)
      say(`obalka: mail ${id}: the command ended with ${end.code}; it does not get the mail again`);
    return true;
  }
}
