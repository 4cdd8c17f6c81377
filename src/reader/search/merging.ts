/** Merging: parts of the index become one, without the mails that are gone. */
import { type Entry, type PageEntry, postingsOf } from './pages.js';
import type { Part, PartMail } from './part.js';
import { allFields, DamagedPart, fieldBits } from './postings.js';

export interface Merged {
  readonly mails: readonly PartMail[];
  readonly entries: Iterable<Entry>;
}

/** Throws DamagedPart, also while the entries are gone through. */
export function mergeParts(parts: readonly Part[], isKept: (id: string) => boolean): Merged {
  const mails: PartMail[] = [];
  // Two programs at once may have indexed the same mail.
  const seen = new Set<string>();
  const sources = parts.map((part): Source => {
    const own = part.mails();
    const numbers = new Int32Array(own.length).fill(-1);
    for (let at = 0; at < own.length; at++) {
      const id = own.id(at);
      if (seen.has(id) || !isKept(id)) continue;
      seen.add(id);
      numbers[at] = mails.push({ id, receivedAt: own.receivedAt(at) }) - 1;
    }
    const rest = part.entries();
    return { numbers, rest, entry: next(rest) };
  });
  return { mails, entries: mergeEntries(sources) };
}

interface Source {
  /** The new number of each mail; -1 for one that is gone. */
  readonly numbers: Int32Array;
  readonly rest: Iterator<PageEntry>;
  entry: PageEntry | undefined;
}

function* mergeEntries(sources: readonly Source[]): Generator<Entry> {
  for (;;) {
    let term: string | undefined;
    for (const { entry } of sources)
      if (entry && (term === undefined || entry.term < term)) term = entry.term;
    if (term === undefined) return;
    const postings: number[] = [];
    for (const source of sources)
      while (source.entry?.term === term) {
        takeKept(source.entry, source.numbers, postings);
        source.entry = next(source.rest);
      }
    if (postings.length > 0) yield [term, postings];
  }
}

function takeKept(entry: PageEntry, numbers: Int32Array, into: number[]): void {
  const own: number[] = [];
  postingsOf(entry, own, fieldBits);
  for (const posting of own) {
    const number = numbers[posting >>> fieldBits];
    if (number === undefined) throw new DamagedPart('a term stands in a mail that is not there');
    if (number >= 0) into.push((number << fieldBits) | (posting & allFields));
  }
}

function next(entries: Iterator<PageEntry>): PageEntry | undefined {
  const { done, value } = entries.next();
  return done ? undefined : value;
}
