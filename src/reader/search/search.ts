/** Search: the mails of one identity that answer a query, found by the index in its cache. */
import { FormatError } from '../../core/errors.js';
import { rowsInMemory, type SealedRows } from '../cache/sealed-rows.js';
import type { Mail } from '../mail.js';
import { answersOf } from './answering.js';
import { contentOf, eachAtOnce, indexMails, type Unindexed } from './indexing.js';
import { envelopeTexts, rawHeaderTexts } from './mail-texts.js';
import { PartBuilder } from './part-builder.js';
import { eachMatch, type Phrase } from './phrases.js';
import type { Query, Wanted } from './query.js';
import { WordIndex } from './word-index.js';
import type { WordMaker } from './word-maker.js';

export interface Searched {
  /** Oldest first. */
  readonly mails: readonly Mail[];
  readonly rows: SealedRows;
  readonly words: WordMaker;
  /** The content of a mail. Throws FormatError if it is damaged. */
  content(mail: Mail): AsyncIterable<Uint8Array>;
  /** While mails are indexed: so many of so many octets of content are done. */
  at(done: number, total: number): void;
}

/** Mails confirmed at a time, before it is looked whether there are enough. */
const confirmedAtOnce = 64;

export class MailSearch {
  readonly #index: WordIndex;
  readonly #byId: ReadonlyMap<string, Mail>;
  readonly #searched: Searched;
  /** Mails with damaged content: they are found by their envelopes, and are tried again the next time. */
  readonly #loose = new WordIndex(rowsInMemory());

  constructor(searched: Searched) {
    this.#searched = searched;
    this.#index = new WordIndex(searched.rows);
    this.#byId = new Map(searched.mails.map((mail) => [mail.id, mail]));
  }

  /** Indexes what is not indexed yet, newest first. */
  async update(): Promise<Unindexed> {
    const indexed = this.#index.ids();
    const missing = this.#searched.mails.filter(({ id }) => !indexed.has(id)).reverse();
    if (missing.length === 0) return { faults: [], damaged: [] };
    const total = missing.reduce((sum, { envelope }) => sum + envelope.contentLength, 0);
    const { words } = this.#searched;
    const found = await indexMails(missing, {
      index: this.#index,
      words,
      content: (mail) => this.#searched.content(mail),
      at: (_, octets) => this.#searched.at(octets, total),
    });
    this.#index.merge((id) => this.#byId.has(id));
    const builder = new PartBuilder();
    for (const { mail } of found.damaged) builder.addTexts(mail.id, envelopeTexts(mail));
    this.#loose.add(builder.ids, builder.entries());
    return found;
  }

  /** The mails that answer, oldest first; the last `limit` of those that `isIn`. */
  async find(query: Query, isIn: (mail: Mail) => boolean, limit = Number.POSITIVE_INFINITY): Promise<Mail[]> {
    const answers = new Map<Mail, readonly Wanted[]>();
    const isDamaged = [this.#index, this.#loose].some((index) =>
      index.eachPart((part) => {
        for (const { id, toConfirm } of answersOf(part, query)) {
          const mail = this.#byId.get(id);
          if (mail && isIn(mail)) answers.set(mail, toConfirm);
        }
      }),
    );
    if (isDamaged) {
      await this.update();
      return this.find(query, isIn, limit);
    }
    const newestFirst = this.#searched.mails.filter((mail) => answers.has(mail)).reverse();
    const found: Mail[] = [];
    for (let at = 0; at < newestFirst.length && found.length < limit; at += confirmedAtOnce) {
      const some = newestFirst.slice(at, at + confirmedAtOnce);
      const holds = new Set<Mail>();
      await eachAtOnce(some, async (mail) => {
        if (await this.#confirm(mail, answers.get(mail) ?? [])) holds.add(mail);
      });
      found.push(...some.filter((mail) => holds.has(mail)));
    }
    return found.slice(0, limit).reverse();
  }

  async #confirm(mail: Mail, wanted: readonly Wanted[]): Promise<boolean> {
    if (wanted.length === 0) return true;
    const phrases = wanted.flatMap(({ phrase }) => phrase ?? []);
    const found = await this.#standIn(mail, phrases);
    return wanted.every(({ isUnwanted }, at) => found[at] !== isUnwanted);
  }

  async #standIn(mail: Mail, phrases: readonly Phrase[]): Promise<readonly boolean[]> {
    const also = envelopeTexts(mail);
    try {
      const content = await contentOf(mail, this.#searched);
      const answer = await this.#searched.words.take({ content, also, phrases });
      return 'found' in answer ? answer.found : eachMatch([...also, ...rawHeaderTexts(content)], phrases);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return eachMatch(also, phrases);
    }
  }
}
