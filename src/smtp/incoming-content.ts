/** Incoming content: one message's content as DATA brings it, its length, and the verdict on it. */
import { ContentDecoder } from './content-decoder.js';
import { type Reply, replies } from './replies.js';

const nothing: Buffer = Buffer.alloc(0);

/** Whatever is wrong with a content, it is followed to its true end: what comes after an early refusal would run as commands. */
export class IncomingContent {
  readonly #decoder = new ContentDecoder();
  #room: number;
  #verdict: Reply | undefined;

  /** `limit`: octets of content, un-stuffed. */
  constructor(limit: number) {
    this.#room = limit;
  }

  /** Why it will be refused at its end. */
  get verdict(): Reply | undefined {
    return this.#verdict;
  }

  /** Whether the true end was seen. */
  get ended(): boolean {
    return this.#decoder.ended;
  }

  /** Where in the last chunk reading stopped. */
  get at(): number {
    return this.#decoder.at;
  }

  /** Reads on in `bytes` at `from` and returns the content there; nothing once there is a verdict. */
  take(bytes: Buffer, from: number): Buffer {
    const content = this.#decoder.decode(bytes, from);
    if (this.#verdict !== undefined) return nothing;
    if (content.length > this.#room) {
      this.#verdict = replies.tooLarge;
      return content.subarray(0, this.#room);
    }
    if (this.#decoder.bare) this.#verdict = replies.bareLineEnd;
    this.#room -= content.length;
    return content;
  }

  /** Refuses it for a reason from outside; the first verdict stands. */
  refuse(reply: Reply): void {
    this.#verdict ??= reply;
  }
}
