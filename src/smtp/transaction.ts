/** Transaction: what is known from MAIL to the end of its content or a reset, and the content while it comes in. */
import type { MailParameters } from './address.js';
import type { Chunk } from './chunk.js';
import { IncomingContent } from './incoming-content.js';
import type { Input } from './input.js';
import type { Reply } from './replies.js';
import type { SessionLimits } from './settings.js';

const nothing: Buffer = Buffer.alloc(0);

/** What one piece of input held of a content. */
export interface Taken {
  /** A view of the input; empty where nothing of it is to be kept. */
  readonly bytes: Buffer;
  /** Whether a fault was found in it: the content was good until then. */
  readonly spoilt: boolean;
}

export class Transaction {
  readonly #limits: SessionLimits;
  readonly smtpUtf8: boolean;
  readonly binary: boolean;
  /** RCPT commands, and how many of them were accepted. */
  named = 0;
  recipients = 0;
  #dotted = false;
  #content: IncomingContent | undefined;
  /** A chunk whose octets are coming in. There may be one before any MAIL: its octets are swallowed. */
  chunk: Chunk | undefined;

  constructor(limits: SessionLimits, parameters: MailParameters = {}) {
    this.#limits = limits;
    this.smtpUtf8 = parameters.smtpUtf8 === true;
    this.binary = parameters.body === 'BINARYMIME';
  }

  /** The content, from 354 or the first chunk on. */
  get content(): IncomingContent | undefined {
    return this.#content;
  }

  /** Whether there is a content for which nothing was decided yet. */
  get open(): boolean {
    return this.#content !== undefined && this.#content.verdict === undefined;
  }

  /** Whether what comes next is content. */
  get receives(): boolean {
    return this.chunk !== undefined || this.#dotted;
  }

  beginDotted(): void {
    this.#dotted = true;
    this.#content = new IncomingContent(this.#limits, 'dotted');
  }

  beginChunks(): void {
    this.#content = new IncomingContent(this.#limits, this.binary ? 'binary chunks' : 'chunks');
  }

  /** Why the content is refused at its end, from outside; the first verdict stands. */
  refuse(reply: Reply): void {
    this.#content?.refuse(reply);
  }

  /** Reads on in the content or chunk that is coming in. */
  take(input: Input): Taken {
    const open = this.open;
    const coming = this.#content;
    let bytes = nothing;
    if (this.chunk !== undefined) {
      const octets = input.take(this.chunk.left);
      this.chunk.left -= octets.length;
      if (this.chunk.refusal === undefined) bytes = coming?.takeChunk(octets) ?? nothing;
    } else if (coming !== undefined) {
      bytes = coming.take(input.bytes, input.at);
      input.at = coming.at;
    }
    return { bytes, spoilt: open && !this.open };
  }
}
