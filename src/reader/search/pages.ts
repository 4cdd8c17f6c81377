/** Pages: the sorted dictionary of an index part, cut into rows of one size (spec/search.md, Pages). */
import { DamagedPart, OctetReader, Octets, readPostings, writePostings } from './postings.js';

/** Octets of every page, whatever is in it: its size says nothing. */
export const pageSize = 7164;

/** A term and its postings, rising. */
export type Entry = readonly [term: string, postings: readonly number[]];

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
  let page = new Octets();
  let first = '';
  let before = new Uint8Array();
  const postings = new Octets();
  const finished = (): Page => {
    const octets = new Uint8Array(pageSize);
    octets.set(page.taken);
    page = new Octets();
    before = new Uint8Array();
    return { first, octets };
  };
  for (const [term, all] of entries) {
    const text = new Uint8Array(Buffer.from(term));
    for (let done = 0; done < all.length; ) {
      const shared = sharedOctets(before, text);
      // Three lengths of up to two octets, and the end mark.
      const room = pageSize - page.length - (text.length - shared) - 8;
      postings.clear();
      const written = writePostings(postings, all, done, room);
      if (written === 0) {
        yield finished();
        continue;
      }
      if (page.length === 0) first = term;
      page.number(shared);
      page.number(text.length - shared);
      page.append(text.subarray(shared));
      page.number(postings.length);
      page.append(postings.taken);
      before = text;
      done += written;
    }
  }
  if (page.length > 0) yield finished();
}

/** Reads a page from its beginning. Throws DamagedPart. */
export function* readPage(octets: Uint8Array): Generator<PageEntry> {
  if (octets.length !== pageSize) throw new DamagedPart('a page has another size');
  const reader = new OctetReader(octets);
  let before = Buffer.alloc(0);
  while (reader.at < reader.end) {
    const shared = reader.number();
    const own = reader.number();
    if (shared + own === 0) return;
    if (shared > before.length) throw new DamagedPart('a term goes on from nothing');
    const text = Buffer.concat([before.subarray(0, shared), reader.take(own)]);
    const postings = reader.take(reader.number());
    yield { term: text.toString(), postings };
    before = text;
  }
}

/** A page's postings as numbers. */
export function postingsOf(entry: PageEntry, into: number[], fieldBits: number): void {
  readPostings(entry.postings, (mail, bits) => {
    into.push((mail << fieldBits) | bits);
  });
}

function sharedOctets(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at < most && a[at] === b[at]) at++;
  return at;
}
