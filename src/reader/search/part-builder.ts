/** Part builder: the terms of mails as they come, until they are written as a part of the index. */
import type { Entry } from './pages.js';
import { fieldBits } from './postings.js';

/** A part is written when it has so many mails, or so many postings. */
const mostMails = 4096;
const mostPostings = 1_500_000;

export class PartBuilder {
  readonly ids: string[] = [];
  /** Term → its last posting. */
  readonly #last = new Map<string, number>();
  /** Each posting, and the one before it of the same term, or -1. */
  #postings = new Int32Array(4096);
  #before = new Int32Array(4096);
  #count = 0;

  get isFull(): boolean {
    return this.ids.length >= mostMails || this.#count >= mostPostings;
  }

  /** `fields` has an octet for each term. No term comes twice. */
  add(id: string, terms: readonly string[], fields: Uint8Array): void {
    const mail = this.ids.push(id) - 1;
    if (this.#count + terms.length > this.#postings.length) this.#grow(terms.length);
    for (let at = 0; at < terms.length; at++) {
      const term = terms[at] as string;
      this.#postings[this.#count] = (mail << fieldBits) | (fields[at] as number);
      this.#before[this.#count] = this.#last.get(term) ?? -1;
      this.#last.set(term, this.#count++);
    }
  }

  /** By rising terms. */
  *entries(): Generator<Entry> {
    for (const term of [...this.#last.keys()].sort()) {
      const postings: number[] = [];
      for (let at = this.#last.get(term) as number; at >= 0; at = this.#before[at] as number)
        postings.push(this.#postings[at] as number);
      yield [term, postings.reverse()];
    }
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
