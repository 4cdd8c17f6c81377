/** Parser: takes messages apart in a thread of their own, so that one that would take for ever, or all memory, can be stopped. */
import { Worker } from 'node:worker_threads';
import type { Message } from './message.js';

export interface ParserLimits {
  /** For one message. */
  readonly seconds: number;
  /** Memory for objects and texts; octets of attachments come on top, and are never more than the message. */
  readonly mebibytes: number;
}

/** Real messages of 50 MB take less than two seconds and 300 MiB. */
export const parserLimits: ParserLimits = { seconds: 20, mebibytes: 1024 };

/** A message, or why it could not be taken apart. */
export type Parsed = { readonly message: Message } | { readonly fault: string };

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
  takeApart(content: Uint8Array): Promise<Parsed> {
    const parsed = this.#last.then(() => this.#takeApart(content));
    this.#last = parsed;
    return parsed;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#thread?.terminate();
    this.#thread = undefined;
  }

  async #takeApart(content: Uint8Array): Promise<Parsed> {
    const { seconds, mebibytes } = this.#limits;
    this.#thread ??= new Worker(threadFile, { resourceLimits: { maxOldGenerationSizeMb: mebibytes } });
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
    thread.postMessage(content);
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
