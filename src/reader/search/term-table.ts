/** Term table: every word and every couple of joined words of mails, by numbers, so that terms are given from thread to thread once. */
import { type FieldText, lookedAt, type TermLimits, termLimits } from './mail-terms.js';

import { fieldBits } from './postings.js';
import { grown, hashOf, TermNumbers } from './term-numbers.js';
import { eachOctetWord, longestTerm } from './words.js';

/**
 * Gives numbers to terms, so that the terms of a mail are said in few octets. A mail's terms are numbers, each once: that
 * of the term, shifted by `fieldBits`, and the fields in which it stands.
 */
export class TermTable {
  readonly numbers = new TermNumbers();
  /** Of each term: the last mail in which it stands, counted from 1, and where it is in what is given of that. */
  #lastMail = new Int32Array(1024);
  #at = new Int32Array(1024);
  #mail = 0;
  #taken = new Uint32Array(1024);
  #count = 0;
  #most = 0;
  readonly #couple = new Uint8Array(longestTerm);

  /** The terms of a mail; valid until the next is taken. */
  take(texts: Iterable<FieldText>, limits: TermLimits = termLimits): Uint32Array {
    this.#mail++;
    this.#count = 0;
    this.#most = limits.terms;
    for (const [field, text] of lookedAt(texts, limits.text)) {
      this.#takeText(field, text);
      if (this.#count >= limits.terms) break;
    }
    return this.#taken.subarray(0, this.#count);
  }

  /** The numbers begin at 0 again. */
  clear(): void {
    this.numbers.clear();
    this.#lastMail.fill(0);
    this.#mail = 0;
  }

  #takeText(field: number, text: string): void {
    const couple = this.#couple;
    /** The word before stands at the beginning of the room for couples. */
    let before = 0;
    eachOctetWord(text, (octets, start, end, hash, isJoined) => {
      this.#add(this.numbers.number(octets, start, end, hash), field);
      if (isJoined && this.#count < this.#most) {
        couple[before++] = 0x20;
        for (let at = start; at < end; at++) couple[before++] = octets[at] as number;
        this.#add(this.numbers.number(couple, 0, before, hashOf(couple, 0, before)), field);
      }
      before = end - start;
      for (let at = 0; at < before; at++) couple[at] = octets[start + at] as number;
      return this.#count < this.#most;
    });
  }

  #add(number: number, field: number): void {
    if (number >= this.#lastMail.length) {
      this.#lastMail = grown(this.#lastMail, number + 1);
      this.#at = grown(this.#at, number + 1);
    }
    if (this.#lastMail[number] === this.#mail) {
      const at = this.#at[number] as number;
      this.#taken[at] = (this.#taken[at] as number) | field;
      return;
    }
    if (this.#count === this.#taken.length) this.#taken = grown(this.#taken);
    this.#lastMail[number] = this.#mail;
    this.#at[number] = this.#count;
    this.#taken[this.#count++] = (number << fieldBits) | field;
  }
}
