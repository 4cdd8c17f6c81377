/** Pages: the sorted dictionary of an index part, cut into rows of one size (spec/search.md, Format). */
import { DamagedPart, OctetReader, Octets, readPostings, writePostings } from './postings.js';
import { longestTerm } from './words.js';

/** Octets of every page, whatever is in it: its size says nothing. */
export const pageSize = 7164;

/** A term and its postings, rising. */
export type Entry = readonly [term: string, postings: ArrayLike<number>];

/** What a page holds of a term. */
export interface PageEntry {
  readonly term: string;
  readonly postings: Uint8Array;
}

/** A page and its first term. */
export interface Page {
  readonly first: string;
  readonly octets: Uint8Array;
}

/** Cuts entries, in the order of their terms, into pages. A term whose postings do not fit goes on in the next. */
export function* writePages(entries: Iterable<Entry>): Generator<Page> {
  const page = new Octets();
  let first = '';
  // Terms take turns in two rooms: millions of them are written.
  let text = Buffer.alloc(longestTerm);
  let before = Buffer.alloc(longestTerm);
  let beforeLength = 0;
  const postings = new Octets();
  const finished = (): Page => {
    const octets = new Uint8Array(pageSize);
    octets.set(page.taken);
    page.clear();
    beforeLength = 0;
    return { first, octets };
  };
  for (const [term, all] of entries) {
    if (all.length === 0) continue;
    const length = text.write(term);
    for (let done = 0; done < all.length; ) {
      const shared = sharedOctets(before, text, Math.min(beforeLength, length));
      // Three lengths of up to two octets, and the end mark.
      const room = pageSize - page.length - (length - shared) - 8;
      postings.clear();
      const written = writePostings(postings, all, done, room);
      if (written === 0) {
        yield finished();
        continue;
      }
      if (page.length === 0) first = term;
      page.number(shared);
      page.number(length - shared);
      page.append(text.subarray(shared, length));
      page.number(postings.length);
      page.append(postings.taken);
      if (written < all.length - done) {
        text.copy(before, 0, 0, length);
        beforeLength = length;
      }
      done += written;
    }
    [before, text] = [text, before];
    beforeLength = page.length > 0 ? length : 0;
  }
  if (page.length > 0) yield finished();
}

/** Reads a page from its beginning. Throws DamagedPart. */
export function* readPage(octets: Uint8Array): Generator<PageEntry> {
  if (octets.length !== pageSize) throw new DamagedPart('a page has another size');
  const reader = new OctetReader(octets);
  // No term is longer than all that is read.
  const text = Buffer.alloc(pageSize);
  let length = 0;
  while (reader.at < reader.end) {
    const shared = reader.number();
    const own = reader.number();
    if (shared + own === 0) return;
    if (shared > length) throw new DamagedPart('a term goes on from nothing');
    text.set(reader.take(own), shared);
    length = shared + own;
    const postings = reader.take(reader.number());
    yield { term: text.toString('utf8', 0, length), postings };
  }
}

/** A page's postings as numbers. */
export function postingsOf(entry: PageEntry, into: number[], fieldBits: number): void {
  readPostings(entry.postings, (mail, bits) => {
    into.push((mail << fieldBits) | bits);
  });
}

function sharedOctets(a: Uint8Array, b: Uint8Array, most: number): number {
  let at = 0;
  while (at < most && a[at] === b[at]) at++;
  return at;
}
