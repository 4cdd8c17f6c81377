/** Page: mails of a mailbox that stand together, and the mails of all pages in one order. */
import type { Identity } from '../../seal/keys.js';
import type { ListedMail } from './listed-mail.js';

/** Mails of one identity that stand together, read when they are asked for. */
export interface Page {
  readonly identity: Identity;
  /** Under a name the mails never change, but for those that expire; undefined for mails that may change. */
  readonly name: string | undefined;
  readonly earliest: number;
  readonly latest: number;
  readonly count: number;
  /** By receive time; expired ones left out. */
  mails(): Promise<ListedMail[]>;
  /** Those with one of these ids, in any order. */
  some(ids: readonly string[]): Promise<ListedMail[]>;
  /** Whether it may have a mail whose id begins so. */
  mayHold(beginning: string): boolean;
}

/**
 * All mails of pages in the order of `compare`, or in the opposite one where the newest come first; some at a time. A page
 * is read when its turn comes.
 */
export async function* inTurn(
  pages: readonly Page[],
  first: 'oldest' | 'newest',
  compare: (a: ListedMail, b: ListedMail) => number,
): AsyncGenerator<ListedMail[]> {
  const sign = first === 'oldest' ? 1 : -1;
  const begin = (page: Page) => (first === 'oldest' ? page.earliest : -page.latest);
  const sorted = [...pages].sort((a, b) => begin(a) - begin(b));
  let waiting: ListedMail[] = [];
  for (const [at, page] of sorted.entries()) {
    waiting = waiting.length === 0 ? await page.mails() : [...waiting, ...(await page.mails())];
    waiting.sort((a, b) => sign * compare(a, b));
    const next = sorted[at + 1];
    // What the next page may have comes behind.
    const end = next ? waiting.findIndex(({ receivedAt }) => sign * receivedAt >= begin(next)) : -1;
    const ready = waiting.splice(0, end < 0 ? waiting.length : end);
    if (ready.length > 0) yield ready;
  }
  if (waiting.length > 0) yield waiting;
}
