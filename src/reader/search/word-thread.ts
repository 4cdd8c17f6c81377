/** The thread in which messages are taken apart into terms. It knows nothing but the messages that it gets, and gives no content back. */
import { parentPort } from 'node:worker_threads';
import { type FieldText, termsOf } from './mail-terms.js';
import { messageTexts } from './mail-texts.js';
import { eachMatch, type Phrase } from './phrases.js';

/** One message, and what else is known of it. */
export interface WordJob {
  readonly content: Uint8Array;
  readonly also: readonly FieldText[];
  /** If they are given, only these are looked for. */
  readonly phrases?: readonly Phrase[];
}

/** Terms with a line feed between them, and an octet of fields for each; or for each phrase whether it is there; or why not. */
export type WordAnswer =
  | { readonly terms: string; readonly fields: Uint8Array }
  | { readonly found: readonly boolean[] }
  | { readonly fault: string };

async function answer({ content, also, phrases }: WordJob): Promise<WordAnswer> {
  const texts = [...also, ...(await messageTexts(content))];
  if (phrases) return { found: eachMatch(texts, phrases) };
  return inOneText(termsOf(texts));
}

function inOneText(terms: ReadonlyMap<string, number>): WordAnswer {
  return { terms: [...terms.keys()].join('\n'), fields: Uint8Array.from(terms.values()) };
}

let last: Promise<void> = Promise.resolve();
parentPort?.on('message', (job: WordJob) => {
  last = last
    .then(() => answer(job))
    .catch((error: unknown): WordAnswer => ({ fault: error instanceof Error ? error.message : '' }))
    .then((given) => parentPort?.postMessage(given));
});
