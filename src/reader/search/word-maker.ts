/** Word maker: gives messages to a thread that takes them apart into terms, and begins another where one takes too long or too much. */
import { Worker } from 'node:worker_threads';
import type { ParserLimits } from '../parser.js';
import { TermOctets } from './term-numbers.js';
import type { Beside, Placed, ThreadAnswer, ThreadAnswers, WordJobs } from './word-thread.js';

/** As for reading; less memory, as nothing of a message is kept. */
export const wordLimits: ParserLimits = { seconds: 20, mebibytes: 512 };

const threadFile = new URL('./word-thread.js', import.meta.url);
/** How often it is looked whether the thread got on, in the time that it has for a message. */
const looks = 4;
/** So many messages are given to the thread at once, if it has others to do: waking it takes longer than a small message. */
const jobsAtOnce = 16;

/** One message, and what else is known of it. */
export interface WordJob extends Beside {
  readonly content: Uint8Array;
}

/** The terms of a message as a TermTable gives them, of which the octets stand in `table`, which grows; or what else the thread says. */
export type WordAnswer =
  | { readonly terms: Uint32Array; readonly table: TermOctets }
  | Exclude<ThreadAnswer, number>;

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
  /** How many it was given. */
  given: number;
  table: TermOctets;
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
      this.#give(this.#running, jobsAtOnce);
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
    const running: Running = { thread, done, answered: 0, given: 0, table: new TermOctets() };
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

  /** Gives the thread what waits, if that is much or the thread has nothing to do. */
  #give(running: Running, much: number): void {
    const had = running.given - running.answered;
    const jobs = this.#waiting.slice(had).map(({ job }) => job);
    if (jobs.length === 0 || (had > 0 && jobs.length < much)) return;
    const contents = new Uint8Array(jobs.reduce((sum, { content }) => sum + content.length, 0));
    let at = 0;
    const beside = jobs.map(({ content, also, phrases }): Placed => {
      contents.set(content, at);
      at += content.length;
      return { length: content.length, also, ...(phrases && { phrases }) };
    });
    const given: WordJobs = { contents, jobs: JSON.stringify(beside) };
    running.given += jobs.length;
    running.thread.postMessage(given, [contents.buffer]);
  }

  #hear(running: Running, { answers, terms, isNew, added, lengths }: ThreadAnswers): void {
    if (isNew) running.table = new TermOctets();
    const { table } = running;
    table.append(added, lengths);
    running.answered += answers.length;
    let at = 0;
    for (const answer of answers) {
      const waiting = this.#waiting.shift();
      if (typeof answer !== 'number') waiting?.settle(answer);
      else waiting?.settle({ terms: terms.subarray(at, at + answer), table });
      if (typeof answer === 'number') at += answer;
    }
    // It has little left to do: what waits is given to it, however little that is.
    if (running.given - running.answered < jobsAtOnce) this.#give(running, 1);
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
      this.#give(this.#running, 1);
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
