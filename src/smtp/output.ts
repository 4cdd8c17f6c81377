/** Output: the replies that wait to be sent. */
import { concat } from '../core/bytes.js';
import type { Reply } from './replies.js';

export class Output {
  #replies: Uint8Array[] = [];
  #length = 0;
  readonly #said: ((code: number) => void) | undefined;

  /** `said` hears the code of each reply. */
  constructor(said?: (code: number) => void) {
    this.#said = said;
  }

  /** Octets that wait. */
  get length(): number {
    return this.#length;
  }

  say(reply: Reply): void {
    this.#replies.push(reply.bytes);
    this.#length += reply.bytes.length;
    this.#said?.(reply.code);
  }

  /** One reply for each of several recipients: theirs, or `otherwise` where there is none. */
  sayEach(recipients: number, otherwise: Reply, theirs: readonly Reply[] = []): void {
    for (let index = 0; index < recipients; index++) this.say(theirs[index] ?? otherwise);
  }

  /** All replies since the last call, in one piece. */
  take(): Uint8Array | undefined {
    const all = this.#replies;
    if (all.length === 0) return undefined;
    this.#replies = [];
    this.#length = 0;
    return all.length === 1 ? all[0] : concat(...all);
  }
}
