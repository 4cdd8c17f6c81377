/** Term table: numbers for terms, so that a mail's terms are given from thread to thread without any text that was given before. */
import { eachTerm, type FieldText } from './mail-terms.js';

/** A mail's terms by their numbers in a table, each once, and an octet of fields for each. */
export interface MailTerms {
  readonly terms: Uint32Array;
  readonly fields: Uint8Array;
}

export class TermTable {
  readonly #numbers = new Map<string, number>();
  /** Of each term: the last mail in which it stands, counted from 1, and where it is in what is given of that. */
  readonly #lastMail: number[] = [];
  readonly #at: number[] = [];
  #mail = 0;
  #added: string[] = [];

  /** How many terms have numbers. */
  get size(): number {
    return this.#numbers.size;
  }

  take(texts: Iterable<FieldText>): MailTerms {
    const mail = ++this.#mail;
    const terms: number[] = [];
    const fields: number[] = [];
    eachTerm(texts, (term, field) => {
      const number = this.#numbers.get(term) ?? this.#add(term);
      if (this.#lastMail[number] === mail) {
        const at = this.#at[number] as number;
        fields[at] = (fields[at] as number) | field;
      } else {
        this.#lastMail[number] = mail;
        this.#at[number] = terms.push(number) - 1;
        fields.push(field);
      }
      return terms.length;
    });
    return { terms: Uint32Array.from(terms), fields: Uint8Array.from(fields) };
  }

  /** The terms that got numbers since this was asked last, in the order of their numbers. */
  added(): string[] {
    const added = this.#added;
    this.#added = [];
    return added;
  }

  #add(term: string): number {
    // A piece of a text keeps the whole text in memory; a copy does not.
    const copy = term.length < shortestPiece ? term : Buffer.from(term).toString();
    const number = this.#numbers.size;
    this.#numbers.set(copy, number);
    this.#added.push(copy);
    this.#lastMail.push(0);
    this.#at.push(0);
    return number;
  }
}

/** V8 copies what is shorter anyway. */
const shortestPiece = 13;
