/** Input: the octets that a client has sent and that the session has not looked at yet. */
import { view } from '../core/bytes.js';

const empty: Buffer = Buffer.alloc(0);

export class Input {
  /** The piece that is being read, and where in it reading goes on. */
  bytes = empty;
  at = 0;
  readonly #more: Buffer[] = [];

  add(bytes: Uint8Array): void {
    this.#more.push(view(bytes));
  }

  /** Whether there is something to read; goes on to the next piece where one is used up. */
  get ready(): boolean {
    while (this.at >= this.bytes.length) {
      const next = this.#more.shift();
      this.bytes = next ?? empty;
      this.at = 0;
      if (next === undefined) return false;
    }
    return true;
  }

  /** The next octets, at most `most`, as a view. */
  take(most: number): Buffer {
    const from = this.at;
    this.at = Math.min(this.bytes.length, from + most);
    return this.bytes.subarray(from, this.at);
  }

  /** Copies what was not looked at, so that it stays what it is. */
  keep(): void {
    if (!this.ready) return;
    this.bytes = Buffer.from(this.bytes.subarray(this.at));
    this.at = 0;
    for (const [index, piece] of this.#more.entries()) this.#more[index] = Buffer.from(piece);
  }

  forget(): void {
    this.#more.length = 0;
    this.bytes = empty;
    this.at = 0;
  }
}
