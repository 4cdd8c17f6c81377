/** Word maker: gives messages to a thread that takes them apart into terms, and begins another where one takes too long or too much. */
import { Worker } from 'node:worker_threads';
import type { ParserLimits } from '../parser.js';
import type { WordAnswer, WordJob } from './word-thread.js';

/** As for reading; less memory, as nothing of a message is kept. */
export const wordLimits: ParserLimits = { seconds: 20, mebibytes: 512 };

const threadFile = new URL('./word-thread.js', import.meta.url);

interface Waiting {
  readonly job: WordJob;
  readonly settle: (answer: WordAnswer) => void;
}

/** Many messages may wait; they are answered in order. Its thread keeps nobody waiting who does not wait for a message. */
export class WordMaker {
  readonly #limits: ParserLimits;
  #thread: Worker | undefined;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: ParserLimits = wordLimits) {
    this.#limits = limits;
  }

  /** Never throws for what is in a message. */
  take(job: WordJob): Promise<WordAnswer> {
    return new Promise((settle) => {
      this.#waiting.push({ job, settle });
      this.#thread ??= this.#begin();
      this.#thread.ref();
      this.#thread.postMessage(job);
      if (this.#waiting.length === 1) this.#watch();
    });
  }

  /** Whoever waits still gets no answer. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const thread = this.#thread;
    this.#thread = undefined;
    this.#waiting = [];
    thread?.removeAllListeners();
    await thread?.terminate();
  }

  #begin(): Worker {
    const { mebibytes } = this.#limits;
    const thread = new Worker(threadFile, {
      resourceLimits: { maxOldGenerationSizeMb: mebibytes, maxYoungGenerationSizeMb: 16 },
    });
    thread.on('message', (answer: WordAnswer) => this.#settle(answer));
    // A thread that ends by itself ran out of memory, or met a fault that it could not answer for.
    thread.on('error', ({ code, message }: NodeJS.ErrnoException) =>
      this.#fail(code === 'ERR_WORKER_OUT_OF_MEMORY' ? `it takes more than ${mebibytes} MiB` : message),
    );
    thread.on('exit', () => this.#fail('its thread ended'));
    return thread;
  }

  #settle(answer: WordAnswer): void {
    this.#waiting.shift()?.settle(answer);
    this.#watch();
  }

  /** The first that waits is the one that the thread is at. */
  #watch(): void {
    clearTimeout(this.#timer);
    const { seconds } = this.#limits;
    if (this.#waiting.length === 0) this.#thread?.unref();
    else this.#timer = setTimeout(() => this.#fail(`it takes longer than ${seconds} s`), 1000 * seconds);
  }

  /** The one that it was at is the cause; the others go to a new thread. */
  #fail(fault: string): void {
    const thread = this.#thread;
    this.#thread = undefined;
    thread?.removeAllListeners();
    thread?.on('error', () => undefined);
    // It ends by itself, or is ended, without anybody waiting for it.
    thread?.terminate().catch(() => undefined);
    if (this.#waiting.length > 1) {
      this.#thread = this.#begin();
      for (const { job } of this.#waiting.slice(1)) this.#thread.postMessage(job);
    }
    this.#settle({ fault });
  }
}
