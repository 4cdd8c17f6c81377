/** Incoming content: one message's content as DATA or BDAT brings it, its length, and the verdict on it. */
import { ContentDecoder } from './content-decoder.js';
import { HeaderWatch } from './header-watch.js';
import { LineEnds } from './line-ends.js';
import { type Reply, replies } from './replies.js';
import type { SessionLimits } from './settings.js';

const nothing: Buffer = Buffer.alloc(0);

/**
 * How a content comes: behind 354 with stuffed dots; in chunks of BDAT, made of lines; in chunks, where any octet may
 * stand (BINARYMIME).
 */
export type ContentForm = 'dotted' | 'chunks' | 'binary chunks';

/** Whatever is wrong with a content, it is followed to its true end: what comes after an early refusal would run as commands. */
export class IncomingContent {
  readonly #decoder: ContentDecoder | undefined;
  readonly #lineEnds: LineEnds | undefined;
  readonly #header: HeaderWatch;
  #room: number;
  #verdict: Reply | undefined;

  constructor(limits: Pick<SessionLimits, 'content' | 'header' | 'hops'>, form: ContentForm) {
    this.#decoder = form === 'dotted' ? new ContentDecoder() : undefined;
    this.#lineEnds = form === 'chunks' ? new LineEnds() : undefined;
    this.#header = new HeaderWatch(limits);
    this.#room = limits.content;
  }

  /** Why it will be refused at its end. */
  get verdict(): Reply | undefined {
    return this.#verdict;
  }

  /** Whether the true end of a dotted content was seen. */
  get ended(): boolean {
    return this.#decoder?.ended ?? false;
  }

  /** Where in the last piece reading of a dotted content stopped. */
  get at(): number {
    return this.#decoder?.at ?? 0;
  }

  /** Reads on in `bytes` at `from` and returns the dotted content there; nothing once there is a verdict. */
  take(bytes: Buffer, from: number): Buffer {
    const content = this.#decoder?.decode(bytes, from) ?? nothing;
    if (this.#verdict !== undefined) return nothing;
    return this.#judge(content, this.#decoder?.bare ?? false);
  }

  /** The next octets of a chunk; returns what of them is content, nothing once there is a verdict. */
  takeChunk(octets: Buffer): Buffer {
    if (this.#verdict !== undefined) return nothing;
    const good = this.#lineEnds?.check(octets) ?? octets.length;
    return this.#judge(good === octets.length ? octets : octets.subarray(0, good), good < octets.length);
  }

  /** The last chunk is over. */
  endChunks(): void {
    if (this.#lineEnds?.open) this.#verdict ??= replies.bareLineEnd;
  }

  /** Refuses it for a reason from outside; the first verdict stands. */
  refuse(reply: Reply): void {
    this.#verdict ??= reply;
  }

  /** The first fault in the order of the octets counts, so that it does not depend on how they were cut. */
  #judge(content: Buffer, bare: boolean): Buffer {
    const fits = content.length > this.#room ? content.subarray(0, this.#room) : content;
    const good = this.#header.watch(fits);
    if (this.#header.fault !== undefined) {
      this.#verdict = this.#header.fault;
      return fits.subarray(0, good);
    }
    if (fits.length < content.length) this.#verdict = replies.tooLarge;
    else if (bare) this.#verdict = replies.bareLineEnd;
    this.#room -= fits.length;
    return fits;
  }
}
