/** The thread in which messages are taken apart into terms. It knows nothing but the messages that it gets, and gives no content back. */
import { parentPort, workerData } from 'node:worker_threads';
import { joinAtOnce } from '../quick-blob.js';
import type { FieldText } from './mail-terms.js';
import { messageTexts } from './mail-texts.js';
import { eachMatch, type Phrase } from './phrases.js';
import { type MailTerms, TermTable } from './term-table.js';

/** One message, and what else is known of it. */
export interface WordJob {
  readonly content: Uint8Array;
  readonly also: readonly FieldText[];
  /** If they are given, only these are looked for. */
  readonly phrases?: readonly Phrase[];
}

/** The terms of a message; or for each phrase whether it is there; or why not. */
export type ThreadAnswer = MailTerms | { readonly found: readonly boolean[] } | { readonly fault: string };

/** What the thread says from time to time. */
export interface ThreadAnswers {
  /** Whether the numbers of terms begin at 0 again. */
  readonly isNew: boolean;
  /** Terms that got the next numbers, with a line feed between them. */
  readonly added: string;
  /** In the order of the messages. */
  readonly answers: readonly ThreadAnswer[];
}

const answersAtOnce = 16;
const milliseconds = 50;
/** Beyond so many terms a table is given up: it would grow with every mail. */
const mostTerms = 30_000;

/** How many messages are done, for those who wait: what was not said yet is known by it. */
const done = (workerData as { done: Int32Array }).done;
let table = new TermTable();
let isNew = true;
let answers: ThreadAnswer[] = [];
let said = performance.now();
let waiting = 0;
let last: Promise<void> = Promise.resolve();
joinAtOnce();

async function answer({ content, also, phrases }: WordJob): Promise<ThreadAnswer> {
  const texts = [...also, ...(await messageTexts(content))];
  if (phrases) return { found: eachMatch(texts, phrases) };
  return table.take(texts);
}

function say(): void {
  const given: ThreadAnswers = { isNew, added: table.added().join('\n'), answers };
  parentPort?.postMessage(given);
  isNew = table.size > mostTerms;
  if (isNew) table = new TermTable();
  answers = [];
  said = performance.now();
}

async function work(job: WordJob): Promise<void> {
  const given = await answer(job).catch(
    (error: unknown): ThreadAnswer => ({ fault: error instanceof Error ? error.message : '' }),
  );
  answers.push(given);
  waiting--;
  Atomics.add(done, 0, 1);
  if (waiting === 0 || answers.length >= answersAtOnce || performance.now() - said > milliseconds) say();
}

parentPort?.on('message', (job: WordJob) => {
  waiting++;
  last = last.then(() => work(job));
});
