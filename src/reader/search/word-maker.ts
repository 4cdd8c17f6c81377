/** Word maker: gives messages to a thread that takes them apart into terms, and begins another where one takes too long or too much. */
import { Worker } from 'node:worker_threads';
import type { ParserLimits } from '../parser.js';
import type { MailTerms } from './term-table.js';
import type { ThreadAnswer, ThreadAnswers, WordJob } from './word-thread.js';

/** As for reading; less memory, as nothing of a message is kept. */
export const wordLimits: ParserLimits = { seconds: 20, mebibytes: 512 };

const threadFile = new URL('./word-thread.js', import.meta.url);
/** How often it is looked whether the thread got on, in the time that it has for a message. */
const looks = 4;

/** The terms of a message, by their numbers in `table`, which grows; or what else the thread says. */
export type WordAnswer =
  | (MailTerms & { readonly table: readonly string[] })
  | Exclude<ThreadAnswer, MailTerms>;

interface Waiting {
  readonly job: WordJob;
  readonly settle: (answer: WordAnswer) => void;
}

/** One thread, and what is known of it. */
interface Running {
  readonly thread: Worker;
  /** How many messages it has done. */
  readonly done: Int32Array;
  /** How many of them it has answered. */
  answered: number;
  table: string[];
}

/** Many messages may wait; they are answered in order. Its thread keeps nobody waiting who does not wait for a message. */
export class WordMaker {
  readonly #limits: ParserLimits;
  #running: Running | undefined;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: ParserLimits = wordLimits) {
    this.#limits = limits;
  }

  /** Never throws for what is in a message. */
  take(job: WordJob): Promise<WordAnswer> {
    return new Promise((settle) => {
      this.#waiting.push({ job, settle });
      this.#running ??= this.#begin();
      this.#running.thread.postMessage(job);
      if (this.#waiting.length > 1) return;
      this.#running.thread.ref();
      this.#watch(this.#running, -1, 0);
    });
  }

  /** Whoever waits still gets no answer. */
  async close(): Promise<void> {
    const running = this.#stop();
    this.#waiting = [];
    await running?.thread.terminate();
  }

  #begin(): Running {
    const { mebibytes } = this.#limits;
    const done = new Int32Array(new SharedArrayBuffer(4));
    const thread = new Worker(threadFile, {
      workerData: { done },
      resourceLimits: { maxOldGenerationSizeMb: mebibytes, maxYoungGenerationSizeMb: 4 },
    });
    const running: Running = { thread, done, answered: 0, table: [] };
    thread.on('message', (given: ThreadAnswers) => this.#hear(running, given));
    // A thread that ends by itself ran out of memory, or met a fault that it could not answer for.
    thread.on('error', ({ code, message }: NodeJS.ErrnoException) =>
      this.#fail(
        running,
        code === 'ERR_WORKER_OUT_OF_MEMORY' ? `it takes more than ${mebibytes} MiB` : message,
      ),
    );
    thread.on('exit', () => this.#fail(running, 'its thread ended'));
    return running;
  }

  #hear(running: Running, { isNew, added, answers }: ThreadAnswers): void {
    if (isNew) running.table = [];
    if (added !== '') for (const term of added.split('\n')) running.table.push(term);
    const { table } = running;
    running.answered += answers.length;
    for (const answer of answers)
      this.#waiting.shift()?.settle('terms' in answer ? { ...answer, table } : answer);
    if (this.#waiting.length > 0) return;
    clearTimeout(this.#timer);
    running.thread.unref();
  }

  /** Looks from time to time whether it is still at the message at which it was before. */
  #watch(running: Running, before: number, times: number): void {
    clearTimeout(this.#timer);
    const { seconds } = this.#limits;
    this.#timer = setTimeout(
      () => {
        const done = Atomics.load(running.done, 0);
        const same = done === before ? times + 1 : 0;
        if (same >= looks) this.#fail(running, `it takes longer than ${seconds} s`);
        else this.#watch(running, done, same);
      },
      (1000 * seconds) / looks,
    );
  }

  /** The message that it was at is the cause; all that were not answered go to a new thread. */
  #fail(running: Running, fault: string): void {
    if (running !== this.#running) return;
    this.#stop();
    running.thread.on('error', () => undefined);
    running.thread.terminate().catch(() => undefined);
    const [cause] = this.#waiting.splice(Atomics.load(running.done, 0) - running.answered, 1);
    if (this.#waiting.length > 0) {
      this.#running = this.#begin();
      for (const { job } of this.#waiting) this.#running.thread.postMessage(job);
      this.#watch(this.#running, -1, 0);
    }
    cause?.settle({ fault });
  }

  #stop(): Running | undefined {
    clearTimeout(this.#timer);
    const running = this.#running;
    this.#running = undefined;
    running?.thread.removeAllListeners();
    return running;
  }
}
