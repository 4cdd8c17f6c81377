/** Part builder: the terms of mails as they come, until they are written as a part of the index. */
import type { FieldText } from './mail-terms.js';
import type { Entry } from './pages.js';
import type { PartMail } from './part.js';
import { fieldBits } from './postings.js';
import { type MailTerms, TermTable } from './term-table.js';

/** A part is written when it has so many mails, or so many postings. */
const mostMails = 2048;
const mostPostings = 700_000;

export class PartBuilder {
  readonly mails: PartMail[] = [];
  /** Term → its number here. */
  readonly #numbers = new Map<string, number>();
  /** The last posting of each term. */
  readonly #last: number[] = [];
  /** Each posting, and the one before it of the same term, or -1. */
  #postings = new Int32Array(4096);
  #before = new Int32Array(4096);
  #count = 0;
  /** The table that was used last, and the numbers here of its terms as far as they are known. */
  #table: readonly string[] = [];
  #known: number[] = [];

  get isFull(): boolean {
    return this.mails.length >= mostMails || this.#count >= mostPostings;
  }

  /** `table` has the terms that the numbers stand for; it may have grown since the last time. */
  add({ id, receivedAt }: PartMail, { terms, fields }: MailTerms, table: readonly string[]): void {
    if (table !== this.#table) {
      this.#table = table;
      this.#known = [];
    }
    const mail = this.mails.push({ id, receivedAt }) - 1;
    if (this.#count + terms.length > this.#postings.length) this.#grow(terms.length);
    for (let at = 0; at < terms.length; at++) {
      const number = this.#numberOf(terms[at] as number);
      this.#postings[this.#count] = (mail << fieldBits) | (fields[at] as number);
      this.#before[this.#count] = this.#last[number] as number;
      this.#last[number] = this.#count++;
    }
  }

  /** The terms of texts that need no thread. */
  addTexts(mail: PartMail, texts: Iterable<FieldText>): void {
    const table = new TermTable();
    this.add(mail, table.take(texts), table.added());
  }

  /** By rising terms. */
  *entries(): Generator<Entry> {
    for (const term of [...this.#numbers.keys()].sort()) {
      const postings: number[] = [];
      const last = this.#last[this.#numbers.get(term) as number] as number;
      for (let at = last; at >= 0; at = this.#before[at] as number)
        postings.push(this.#postings[at] as number);
      yield [term, postings.reverse()];
    }
  }

  /** Ready for the mails of the next part. The rooms stay as large as they are: another's would be collected late. */
  clear(): void {
    this.mails.length = 0;
    this.#numbers.clear();
    this.#last.length = 0;
    this.#count = 0;
    this.#table = [];
    this.#known = [];
  }

  #numberOf(inTable: number): number {
    for (let at = this.#known.length; at <= inTable; at++) this.#known.push(-1);
    const known = this.#known[inTable] as number;
    if (known >= 0) return known;
    const term = this.#table[inTable] as string;
    let number = this.#numbers.get(term);
    if (number === undefined) {
      number = this.#last.push(-1) - 1;
      this.#numbers.set(term, number);
    }
    this.#known[inTable] = number;
    return number;
  }

  #grow(by: number): void {
    const grown = (old: Int32Array) => {
      const room = new Int32Array(2 * (old.length + by));
      room.set(old);
      return room;
    };
    this.#postings = grown(this.#postings);
    this.#before = grown(this.#before);
  }
}
