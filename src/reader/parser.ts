/** Parser: takes messages apart in a thread of their own, so that one that would take for ever, or all memory, can be stopped. */
import { Worker } from 'node:worker_threads';
import type { Message } from './message.js';

export interface ParserLimits {
  /** For one message. */
  readonly seconds: number;
  /** Memory for objects and texts; octets of attachments come on top, and are never more than the message. */
  readonly mebibytes: number;
}

/** Real messages of 50 MB take less than two seconds and half of this. */
export const parserLimits: ParserLimits = { seconds: 20, mebibytes: 256 };

/** For a message of so many octets: small ones that take much are made to. */
export function limitsFor(octets: number): ParserLimits {
  const { seconds, mebibytes } = parserLimits;
  return { seconds, mebibytes: Math.min(mebibytes, 64 + Math.ceil((3 * octets) / 2 ** 20)) };
}

/** Memory for what is thrown away at once. What Node takes by itself is several times as much, and no faster here. */
const youngMebibytes = 8;

/** A message, or why it could not be taken apart. */
export type Parsed = { readonly message: Message } | { readonly fault: string };

/** What is to be done besides, and what need not be. */
export interface Wanted {
  /** The HTML part is not given. */
  readonly withoutHtml?: boolean;
  /** The content goes to the thread, and is empty from then on: large ones are not there twice. */
  readonly isGiven?: boolean;
}

/** What the thread gets. */
export interface ParserJob {
  readonly content: Uint8Array;
  readonly withoutHtml: boolean;
}

const threadFile = new URL('./parser-thread.js', import.meta.url);

/** One message at a time. Its thread starts with the first one, and keeps nobody waiting who does not wait for a message. */
export class Parser {
  readonly #limits: ParserLimits;
  #thread: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(limits: ParserLimits = parserLimits) {
    this.#limits = limits;
  }

  /** Never throws for what is in a message. */
  takeApart(content: Uint8Array, wanted: Wanted = {}): Promise<Parsed> {
    const parsed = this.#last.then(() => this.#takeApart(content, wanted));
    this.#last = parsed;
    return parsed;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#thread?.terminate();
    this.#thread = undefined;
  }

  async #takeApart(content: Uint8Array, { withoutHtml = false, isGiven = false }: Wanted): Promise<Parsed> {
    const { seconds, mebibytes } = this.#limits;
    this.#thread ??= new Worker(threadFile, {
      resourceLimits: { maxOldGenerationSizeMb: mebibytes, maxYoungGenerationSizeMb: youngMebibytes },
    });
    const thread = this.#thread;
    let answered = false;
    let settle: (parsed: Parsed) => void = () => undefined;
    const parsed = new Promise<Parsed>((done) => {
      settle = done;
    });
    const onMessage = (answer: Parsed) => {
      answered = true;
      settle(answer);
    };
    // A thread that ends by itself ran out of memory, or met a fault that it could not answer for.
    const onError = ({ code, message }: NodeJS.ErrnoException) =>
      settle({
        fault: code === 'ERR_WORKER_OUT_OF_MEMORY' ? `it takes more than ${mebibytes} MiB` : message,
      });
    const onExit = () => settle({ fault: 'its thread ended' });
    const timer = setTimeout(() => settle({ fault: `it takes longer than ${seconds} s` }), 1000 * seconds);
    thread.on('message', onMessage).on('error', onError).on('exit', onExit);
    thread.ref();
    const job: ParserJob = { content, withoutHtml };
    const { buffer } = content;
    const isWhole = isGiven && buffer instanceof ArrayBuffer && buffer.byteLength === content.byteLength;
    thread.postMessage(job, isWhole ? [buffer] : []);
    await parsed;
    clearTimeout(timer);
    thread.off('message', onMessage).off('error', onError).off('exit', onExit);
    thread.unref();
    if (!answered) {
      this.#thread = undefined;
      await thread.terminate();
    }
    return parsed;
  }
}
