/** Part builder: the terms of mails as they come, until they are written as a part of the index. */
import type { FieldText } from './mail-terms.js';
import type { Entry } from './pages.js';
import type { PartMail } from './part.js';
import { allFields, fieldBits } from './postings.js';
import { grown, hashOf, TermNumbers, type TermOctets } from './term-numbers.js';
import { TermTable } from './term-table.js';

/** A part is written when it has so many mails, or so many postings. */
const mostMails = 2048;
const mostPostings = 700_000;

export class PartBuilder {
  readonly mails: PartMail[] = [];
  readonly #numbers = new TermNumbers();
  /** Each posting, and the number here of its term. */
  #postings = new Int32Array(4096);
  #terms = new Int32Array(4096);
  #count = 0;
  /** The table that was used last, and of its terms one more than their numbers here, as far as they are known. */
  #table: TermOctets | undefined;
  #known = new Int32Array(4096);

  get isFull(): boolean {
    return this.mails.length >= mostMails || this.#count >= mostPostings;
  }

  /** Terms as a TermTable gives them. `table` has their octets; it may have grown since the last time. */
  add({ id, receivedAt }: PartMail, terms: Uint32Array, table: TermOctets): void {
    if (table !== this.#table) {
      this.#table = table;
      this.#known.fill(0);
    }
    if (table.size > this.#known.length) this.#known = grown(this.#known, table.size);
    const mail = (this.mails.push({ id, receivedAt }) - 1) << fieldBits;
    const needed = this.#count + terms.length;
    if (needed > this.#postings.length) {
      this.#postings = grown(this.#postings, needed);
      this.#terms = grown(this.#terms, needed);
    }
    const known = this.#known;
    for (let at = 0; at < terms.length; at++) {
      const term = terms[at] as number;
      const inTable = term >>> fieldBits;
      let number = known[inTable] as number;
      if (number === 0) {
        const [start, end] = [table.starts[inTable] as number, table.starts[inTable + 1] as number];
        number = this.#numbers.number(table.octets, start, end, hashOf(table.octets, start, end)) + 1;
        known[inTable] = number;
      }
      this.#postings[this.#count] = mail | (term & allFields);
      this.#terms[this.#count++] = number - 1;
    }
  }

  /** The terms of texts that need no thread. */
  addTexts(mail: PartMail, texts: Iterable<FieldText>): void {
    const table = new TermTable();
    this.add(mail, table.take(texts), table.numbers.terms);
  }

  /** By rising terms. What is given of one is good until the builder is used again. */
  *entries(): Generator<Entry> {
    const { size, terms } = this.#numbers;
    // Sorted by counting: each posting is looked at twice, and those of a term stay in their order.
    const starts = new Int32Array(size + 1);
    for (let at = 0; at < this.#count; at++) {
      const next = (this.#terms[at] as number) + 1;
      starts[next] = (starts[next] as number) + 1;
    }
    for (let number = 0; number < size; number++)
      starts[number + 1] = (starts[number + 1] as number) + (starts[number] as number);
    const ends = starts.slice(0, size);
    const sorted = new Int32Array(this.#count);
    for (let at = 0; at < this.#count; at++) {
      const number = this.#terms[at] as number;
      const place = ends[number] as number;
      sorted[place] = this.#postings[at] as number;
      ends[number] = place + 1;
    }
    const numbers = new Map<string, number>();
    for (let number = 0; number < size; number++) numbers.set(terms.text(number), number);
    for (const term of [...numbers.keys()].sort()) {
      const number = numbers.get(term) as number;
      yield [term, sorted.subarray(starts[number], ends[number])];
    }
  }

  /** Ready for the mails of the next part. The rooms stay as large as they are. */
  clear(): void {
    this.mails.length = 0;
    this.#numbers.clear();
    this.#count = 0;
    this.#table = undefined;
  }
}
