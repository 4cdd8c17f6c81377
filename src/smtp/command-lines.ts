/** Command lines: cuts the input at CRLF and nothing else, whatever the chunks, in bounded memory. */
import { type Reply, replies } from './replies.js';

const CR = 13;
const LF = 10;

/** Finds the command lines of one session. A faulty line gives one refusal, and is skipped to its CRLF. */
export class CommandLines {
  readonly #limit: number;
  #held: Buffer | undefined;
  #heldLength = 0;
  #skipping = false;
  #lastWasCr = false;
  #at = 0;

  /** `limit`: octets of the longest line, its CRLF counted. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Where in the last chunk reading stopped. */
  get at(): number {
    return this.#at;
  }

  /** Whether nothing of the next line was read yet. */
  get empty(): boolean {
    return this.#heldLength === 0;
  }

  /**
   * Reads on in `bytes` at `from`. Returns a line without its CRLF (a view, good until the next call), the refusal of
   * a faulty one, or undefined when the chunk is used up.
   */
  read(bytes: Buffer, from: number): Buffer | Reply | undefined {
    this.#at = from;
    if (this.#skipping && !this.#skip(bytes)) return undefined;
    const start = this.#at;
    const room = this.#limit - this.#heldLength;
    const lf = bytes.indexOf(LF, start);
    if (lf < 0 && bytes.length - start < room) {
      this.#hold(bytes, start, bytes.length);
      this.#at = bytes.length;
      return undefined;
    }
    if (lf < 0 || lf - start >= room) return this.#fault(replies.lineTooLong, bytes.subarray(start));
    this.#at = lf + 1;
    const before = lf > start ? bytes[lf - 1] : this.#lastHeld();
    if (before !== CR) return this.#fault(replies.badLineEnd, bytes.subarray(start, lf));
    if (this.#heldLength === 0) return bytes.subarray(start, lf - 1);
    const held = this.#hold(bytes, start, lf + 1);
    const line = held.subarray(0, this.#heldLength - 2);
    this.#heldLength = 0;
    return line;
  }

  /** `rest`: what was not held of the line. A chunk may follow a faulty BDAT, and must not run as commands. */
  #fault(reply: Reply, rest: Buffer): Reply {
    let beginning = this.#held?.toString('latin1', 0, Math.min(this.#heldLength, 5)) ?? '';
    beginning += rest.toString('latin1', 0, 5 - beginning.length);
    this.#heldLength = 0;
    this.#skipping = true;
    return /^bdat(?![a-z])/i.test(beginning) ? replies.unreadableChunk : reply;
  }

  #lastHeld(): number | undefined {
    return this.#heldLength === 0 ? undefined : this.#held?.[this.#heldLength - 1];
  }

  #hold(bytes: Buffer, from: number, to: number): Buffer {
    this.#held ??= Buffer.alloc(this.#limit);
    bytes.copy(this.#held, this.#heldLength, from, to);
    this.#heldLength += to - from;
    return this.#held;
  }

  /** Moves `at` behind the next CRLF; false if this chunk has none. */
  #skip(bytes: Buffer): boolean {
    while (this.#at < bytes.length) {
      const lf = bytes.indexOf(LF, this.#at);
      if (lf < 0) {
        this.#lastWasCr = bytes[bytes.length - 1] === CR;
        this.#at = bytes.length;
        return false;
      }
      const afterCr = lf > this.#at ? bytes[lf - 1] === CR : this.#lastWasCr;
      this.#lastWasCr = false;
      this.#at = lf + 1;
      if (afterCr) {
        this.#skipping = false;
        return true;
      }
    }
    return false;
  }
}
