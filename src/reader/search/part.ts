/** Part: some mails of the index, written once and never changed (spec/search.md, Format). */
import { view } from '../../core/bytes.js';
import { CacheDamage, type SealedRows } from '../cache/sealed-rows.js';
import { idLength } from '../id.js';
import { type Entry, type PageEntry, readPage, writePages } from './pages.js';
import { DamagedPart, OctetReader, Octets, readPostings } from './postings.js';

/** What the list of parts says of one. */
export interface PartSize {
  /** Never given twice. */
  readonly number: number;
  readonly mails: number;
  readonly pages: number;
}

/** A mail of a part. */
export interface PartMail {
  readonly id: string;
  /** Milliseconds since 1970, below 2^53. */
  readonly receivedAt: number;
}

/** An id, and a time of seven octets. */
const timeSize = 7;
const mailSize = idLength + timeSize;

/** The mails of a part, read out one by one: of a hundred thousand, few answer. */
export class PartMails {
  readonly #row: Buffer;

  constructor(row: Uint8Array) {
    this.#row = view(row);
  }

  get length(): number {
    return this.#row.length / mailSize;
  }

  id(number: number): string {
    return this.#row.toString('latin1', number * mailSize, number * mailSize + idLength);
  }

  /** As it stands in the row. */
  octets(number: number): Uint8Array {
    return this.#row.subarray(number * mailSize, (number + 1) * mailSize);
  }

  receivedAt(number: number): number {
    const at = number * mailSize + idLength;
    const row = this.#row;
    return (row[at] as number) * 2 ** 48 + row.readUInt16BE(at + 1) * 2 ** 32 + row.readUInt32BE(at + 3);
  }
}

/** The row of some mails: 20 octets for each. */
export function encodeMails(mails: readonly PartMail[]): Uint8Array {
  const row = Buffer.alloc(mails.length * mailSize);
  for (const [number, { id, receivedAt }] of mails.entries()) {
    const at = number * mailSize;
    row.write(id, at, 'latin1');
    row.writeUIntBE(Math.floor(receivedAt / 2 ** 48), at + idLength, 1);
    row.writeUIntBE(receivedAt % 2 ** 48, at + idLength + 1, 6);
  }
  return row;
}

type Row = readonly [name: string, value: Uint8Array | undefined];

/** The rows of a new part, pages first; `mails` is the row of its mails. Gives what to write into the list of parts. */
export function* writePart(
  number: number,
  mails: Uint8Array,
  entries: Iterable<Entry>,
): Generator<Row, PartSize> {
  const firsts: string[] = [];
  for (const { first, octets } of writePages(entries)) {
    yield [pageName(number, firsts.length), octets];
    firsts.push(first);
  }
  const terms = new Octets();
  for (const first of firsts) {
    const text = Buffer.from(first);
    terms.number(text.length);
    terms.append(text);
  }
  yield [termsName(number), terms.taken.slice()];
  yield [mailsName(number), mails];
  return { number, mails: mails.length / mailSize, pages: firsts.length };
}

/** Takes all rows of a part away. */
export function* removePart({ number, pages }: PartSize): Generator<Row> {
  for (let page = 0; page < pages; page++) yield [pageName(number, page), undefined];
  yield [termsName(number), undefined];
  yield [mailsName(number), undefined];
}

/** Reads a part. Every method throws DamagedPart if rows are missing or are not what they should be. */
export class Part {
  #firsts: FirstTerms | undefined;

  constructor(
    readonly rows: SealedRows,
    readonly size: PartSize,
  ) {}

  /** Its mails, by their numbers in it. */
  mails(): PartMails {
    const row = this.#row(mailsName(this.size.number));
    if (row.length !== this.size.mails * mailSize) throw new DamagedPart('a part has other mails');
    return new PartMails(row);
  }

  /** Marks the mails in which a term, or any that begins with it, stands in one of the fields. */
  mark(term: string, isPrefix: boolean, fields: number, marks: Uint8Array): void {
    this.#firsts ??= new FirstTerms(this.#row(termsName(this.size.number)), this.size.pages);
    const firsts = this.#firsts;
    for (let page = pageBefore(firsts, term); page < firsts.length; page++) {
      const first = firsts.term(page);
      if (first > term && !(isPrefix && first.startsWith(term))) return;
      for (const entry of readPage(this.#row(pageName(this.size.number, page)))) {
        if (entry.term < term) continue;
        if (!(isPrefix ? entry.term.startsWith(term) : entry.term === term)) return;
        readPostings(entry.postings, (mail, bits) => {
          if (mail >= marks.length) throw new DamagedPart('a term stands in a mail that is not there');
          if ((bits & fields) !== 0) marks[mail] = 1;
        });
      }
    }
  }

  /** All that it holds, by rising terms; a term may come more than once in a row. */
  *entries(): Generator<PageEntry> {
    for (let page = 0; page < this.size.pages; page++)
      yield* readPage(this.#row(pageName(this.size.number, page)));
  }

  #row(name: string): Uint8Array {
    const row = readRow(this.rows, name);
    if (!row) throw new DamagedPart('a row is missing');
    return row;
  }
}

/** A row that does not open costs the parts that need it, and nothing else of the cache. */
export function readRow(rows: SealedRows, name: string): Uint8Array | undefined {
  try {
    return rows.get(name);
  } catch (error) {
    if (error instanceof CacheDamage) return undefined;
    throw error;
  }
}

/** The first terms of all pages of a part, read out one by one: of thousands, a search compares a dozen. */
class FirstTerms {
  /** Of each, where its length stands. */
  readonly #begins: Uint32Array;

  /** Throws DamagedPart. */
  constructor(
    readonly row: Uint8Array,
    readonly length: number,
  ) {
    this.#begins = new Uint32Array(length);
    const reader = new OctetReader(row);
    for (let page = 0; page < length; page++) {
      this.#begins[page] = reader.at;
      reader.skip(reader.number());
    }
    if (reader.at !== reader.end) throw new DamagedPart('a part has other pages');
  }

  term(page: number): string {
    const reader = new OctetReader(this.row, this.#begins[page]);
    return view(reader.take(reader.number())).toString();
  }
}

/** The last page that begins before a term: it may end with it. */
function pageBefore(firsts: FirstTerms, term: string): number {
  let low = 0;
  let high = firsts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (firsts.term(middle) < term) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

function pageName(part: number, page: number): string {
  return `search/${part}/page/${page}`;
}

function termsName(part: number): string {
  return `search/${part}/terms`;
}

function mailsName(part: number): string {
  return `search/${part}/mails`;
}
