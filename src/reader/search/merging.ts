/** Merging: parts of the index become one, without the mails that are gone. */
import type { Entry, PageEntry } from './pages.js';
import type { Part } from './part.js';
import { allFields, DamagedPart, fieldBits, Octets, readPostings } from './postings.js';

export interface Merged {
  /** The row of the mails. */
  readonly mails: Uint8Array;
  readonly entries: Iterable<Entry>;
}

/** Throws DamagedPart, also while the entries are gone through. */
export function mergeParts(parts: readonly Part[], isKept: (id: string) => boolean): Merged {
  // As octets: of a hundred thousand, objects would take much more room.
  const mails = new Octets();
  let count = 0;
  // Two programs at once may have indexed the same mail.
  const seen = new Set<string>();
  const sources = parts.map((part, order): Source => {
    const own = part.mails();
    const numbers = new Int32Array(own.length).fill(-1);
    for (let at = 0; at < own.length; at++) {
      const id = own.id(at);
      if (seen.has(id) || !isKept(id)) continue;
      seen.add(id);
      numbers[at] = count++;
      mails.append(own.octets(at));
    }
    return { order, numbers, rest: part.entries(), term: '', postings: nothing };
  });
  return { mails: mails.taken.slice(), entries: mergeEntries(sources) };
}

interface Source {
  readonly order: number;
  /** The new number of each mail; -1 for one that is gone. */
  readonly numbers: Int32Array;
  readonly rest: Iterator<PageEntry>;
  /** The entry at which it is. */
  term: string;
  postings: Uint8Array;
}

const nothing = new Uint8Array(0);

/** The sources stand in a heap: on top is the one with the least term, of those with one term the first. */
function* mergeEntries(sources: readonly Source[]): Generator<Entry> {
  const heap = sources.filter(goOn);
  for (let at = heap.length - 1; at >= 0; at--) sink(heap, at);
  for (let top = heap[0]; top; ) {
    const { term } = top;
    const postings: number[] = [];
    while (top?.term === term) {
      takeKept(top, postings);
      if (!goOn(top)) {
        const last = heap.pop() as Source;
        if (last !== top) heap[0] = last;
      }
      sink(heap, 0);
      top = heap[0];
    }
    if (postings.length > 0) yield [term, postings];
  }
}

/** To the next entry; says whether there is one. */
function goOn(source: Source): boolean {
  const { done, value } = source.rest.next();
  if (done) return false;
  source.term = value.term;
  source.postings = value.postings;
  return true;
}

function sink(heap: Source[], from: number): void {
  const source = heap[from];
  if (!source) return;
  let at = from;
  for (;;) {
    let below = 2 * at + 1;
    let least = heap[below];
    const right = heap[below + 1];
    if (least && right && isBefore(right, least)) {
      least = right;
      below++;
    }
    if (!least || !isBefore(least, source)) break;
    heap[at] = least;
    at = below;
  }
  heap[at] = source;
}

function isBefore(a: Source, b: Source): boolean {
  return a.term < b.term || (a.term === b.term && a.order < b.order);
}

function takeKept({ postings, numbers }: Source, into: number[]): void {
  readPostings(postings, (mail, bits) => {
    const number = numbers[mail];
    if (number === undefined) throw new DamagedPart('a term stands in a mail that is not there');
    if (number >= 0) into.push((number << fieldBits) | (bits & allFields));
  });
}
