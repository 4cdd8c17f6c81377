/** The thread in which messages are taken apart into terms. It knows nothing but the messages that it gets, and gives no content back. */
import { parentPort, workerData } from 'node:worker_threads';
import { joinAtOnce } from '../quick-blob.js';
import type { FieldText } from './mail-terms.js';
import { messageTexts } from './mail-texts.js';
import { eachMatch, type Phrase } from './phrases.js';
import { TermTable } from './term-table.js';

/** What is known of a message besides its content. */
export interface Beside {
  readonly also: readonly FieldText[];
  /** If they are given, only these are looked for. */
  readonly phrases?: readonly Phrase[];
}

/** Some messages. */
export interface WordJobs {
  /** The contents, one behind the other. */
  readonly contents: Uint8Array;
  /** In JSON, for each message a Placed: many small objects take their time from thread to thread. */
  readonly jobs: string;
}

/** How many octets the content of a message has. */
export type Placed = Beside & { readonly length: number };

/** How many terms a message has; or for each phrase whether it is there; or why neither is known. */
export type ThreadAnswer = number | { readonly found: readonly boolean[] } | { readonly fault: string };

/** What the thread says from time to time. */
export interface ThreadAnswers {
  /** In the order of the messages. */
  readonly answers: readonly ThreadAnswer[];
  /** The terms of each message, as a TermTable gives them, one behind the other. */
  readonly terms: Uint32Array;
  /** Whether the numbers of terms begin at 0 again. */
  readonly isNew: boolean;
  /** Terms that got the next numbers, one behind the other, and how many octets each has. */
  readonly added: Uint8Array;
  readonly lengths: Uint16Array;
}

const milliseconds = 50;
/** Beyond so many terms a table is given up: it would grow with every mail. */
const mostTerms = 30_000;

/** How many messages are done, for those who wait: what was not said yet is known by it. */
const done = (workerData as { done: Int32Array }).done;
const table = new TermTable();
/** How many terms of the table were said. */
let saidTerms = 0;
let answers: ThreadAnswer[] = [];
let terms = new Uint32Array(16_384);
let count = 0;
let said = performance.now();
let last: Promise<void> = Promise.resolve();
joinAtOnce();

async function answer(content: Uint8Array, { also, phrases }: Beside): Promise<ThreadAnswer> {
  const texts = [...also, ...(await messageTexts(content))];
  if (phrases) return { found: eachMatch(texts, phrases) };
  const taken = table.take(texts);
  if (count + taken.length > terms.length) {
    const room = new Uint32Array(2 * (count + taken.length));
    room.set(terms.subarray(0, count));
    terms = room;
  }
  terms.set(taken, count);
  count += taken.length;
  return taken.length;
}

function say(): void {
  const { octets, starts, size } = table.numbers.terms;
  const lengths = new Uint16Array(size - saidTerms);
  for (let at = 0; at < lengths.length; at++)
    lengths[at] = (starts[saidTerms + at + 1] as number) - (starts[saidTerms + at] as number);
  const given: ThreadAnswers = {
    answers,
    terms: terms.slice(0, count),
    isNew: saidTerms === 0,
    added: octets.slice(starts[saidTerms], starts[size]),
    lengths,
  };
  parentPort?.postMessage(given, [given.terms.buffer, given.added.buffer, lengths.buffer] as ArrayBuffer[]);
  saidTerms = size;
  if (size > mostTerms) {
    table.clear();
    saidTerms = 0;
  }
  answers = [];
  count = 0;
  said = performance.now();
}

async function work({ contents, jobs }: WordJobs): Promise<void> {
  let at = 0;
  for (const job of JSON.parse(jobs) as Placed[]) {
    const content = contents.subarray(at, at + job.length);
    at += job.length;
    answers.push(
      await answer(content, job).catch(
        (error: unknown): ThreadAnswer => ({ fault: error instanceof Error ? error.message : '' }),
      ),
    );
    Atomics.add(done, 0, 1);
    if (performance.now() - said > milliseconds || table.numbers.size > mostTerms) say();
  }
  if (answers.length > 0) say();
}

parentPort?.on('message', (jobs: WordJobs) => {
  last = last.then(() => work(jobs));
});
