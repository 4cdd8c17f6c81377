/** Search: the mails of one identity that answer a query, found by the index in its cache. */

import { append } from '../../core/long-lists.js';
import type { ListedMail } from '../cache/listed-mail.js';
import type { Page } from '../cache/page.js';
import { rowsInMemory, type SealedRows } from '../cache/sealed-rows.js';
import { type Answers, answersOf } from './answering.js';
import { type Contents, eachAtOnce } from './contents.js';
import type { Faults } from './indexing.js';
import type { Wanted } from './query.js';
import { type PartState, WordIndex } from './word-index.js';
import type { WordMaker } from './word-maker.js';

/** Mails that stand together in the mailbox, read when they are asked for. */
export type SearchedPage = Pick<Page, 'name' | 'count' | 'earliest' | 'latest' | 'mails' | 'some'>;

export interface Searched extends Contents {
  /** All mails of one identity. Those of one moment stand in the order of the list. */
  readonly pages: readonly SearchedPage[];
  /** Ids of mails that were erased: no word of them is left in the index. */
  readonly erased: ReadonlySet<string>;
  readonly rows: SealedRows;
  readonly words: WordMaker;
  /** While mails are indexed: so many of so many are done. */
  at(done: number, total: number): void;
}

/** What mails are asked for. */
export interface Asked {
  readonly wanted: readonly Wanted[];
  /** Receive times in milliseconds since 1970: from this one on, and before that one. */
  readonly since: number;
  readonly until: number;
  /** So many at most, the last ones. */
  readonly limit: number;
}

/** So few mails of a page are read out one by one. */
const fewMails = 32;

/** Mails confirmed at a time, before it is looked whether there are enough. */
const confirmedAtOnce = 64;

/** After so many mails the thread is worth its memory no more. */
const muchWork = 5000;

export class MailSearch {
  readonly #index: WordIndex;
  readonly #searched: Searched;
  /** Mails with damaged content: they are found by their envelopes, and are tried again the next time. */
  #loose = new WordIndex(rowsInMemory());

  constructor(searched: Searched) {
    this.#searched = searched;
    this.#index = new WordIndex(searched.rows);
  }

  /** Indexes what is not indexed yet, about the newest first. */
  async update(): Promise<Faults> {
    const { words, erased } = this.#searched;
    const isErasedThere = this.#mayHoldErased();
    if (this.#unsettled().length === 0 && !isErasedThere) return { faults: [], damaged: [] };
    if (isErasedThere) this.#index.forget(erased);
    const indexed = this.#index.ids();
    // A part that cannot be read was taken away now.
    const { state } = this.#index;
    const unknown = this.#unsettled();
    const total = unknown.reduce((sum, { count }) => sum + count, 0);
    let done = 0;
    const missing = async function* () {
      for (const page of [...unknown].sort((a, b) => b.latest - a.latest)) {
        const mails = await page.mails();
        const some = mails.filter(({ id }) => !indexed.has(id));
        done += mails.length - some.length;
        yield some.reverse();
      }
    };
    const { indexMails } = await import('./indexing.js');
    const found = await indexMails(missing(), {
      index: this.#index,
      words,
      content: (mail) => this.#searched.content(mail),
      done: () => this.#searched.at(++done, total),
    });
    await this.#index.merge(async () => {
      // Merging takes memory in its turn, once mails were indexed in numbers.
      if (done > muchWork) await words.close();
      return this.#idsThere();
    });
    if (found.damaged.length === 0) this.#settle(state);
    this.#loose = new WordIndex(rowsInMemory());
    this.#loose.add(found.loose.mails, found.loose.entries());
    return found;
  }

  /** The mails that answer, oldest first. */
  async find(asked: Asked): Promise<ListedMail[]> {
    const answers: Answers[] = [];
    const isDamaged = [this.#index, this.#loose].some((index) =>
      index.eachPart((part) => answers.push(answersOf(part, asked.wanted))),
    );
    if (isDamaged) {
      await this.update();
      return this.find(asked);
    }
    const found: ListedMail[] = [];
    for (const window of windowsOf(answers, asked)) {
      for await (const some of this.#newestFirst(window)) {
        const holds = new Set<ListedMail>();
        const one = async (mail: ListedMail) => {
          if (await this.#confirm(mail, window.get(mail.id)?.toConfirm() ?? [])) holds.add(mail);
        };
        for (let at = 0; at < some.length && found.length + holds.size < asked.limit; at += confirmedAtOnce)
          await eachAtOnce(once(some.slice(at, at + confirmedAtOnce)), one);
        append(
          found,
          some.filter((mail) => holds.has(mail)),
        );
        if (found.length >= asked.limit) return found.slice(0, asked.limit).reverse();
      }
    }
    return found.reverse();
  }

  /** The mails that answer and are in the mailbox, the last of the list first; no page is read that has none. */
  async *#newestFirst(answers: ReadonlyMap<string, Answer>): AsyncGenerator<ListedMail[]> {
    const byTime = [...answers].sort(([, a], [, b]) => a.receivedAt - b.receivedAt);
    const times = Float64Array.from(byTime, ([, { receivedAt }]) => receivedAt);
    const pages = [...this.#searched.pages.entries()]
      .map(([place, page]) => ({ place, page, within: rangeOf(times, page) }))
      .filter(({ within: [first, end] }) => first < end)
      .sort((a, b) => b.page.latest - a.page.latest);
    let waiting: Placed[] = [];
    for (const [at, { place, page, within }] of pages.entries()) {
      const ids = byTime.slice(...within).map(([id]) => id);
      const mails = ids.length > fewMails ? await page.mails() : await page.some(ids);
      for (const mail of mails) if (answers.has(mail.id)) waiting.push({ mail, place });
      waiting.sort(lastFirst);
      const next = pages[at + 1]?.page.latest ?? Number.NEGATIVE_INFINITY;
      const end = waiting.findIndex(({ mail }) => mail.receivedAt <= next);
      const ready = waiting.slice(0, end < 0 ? waiting.length : end);
      waiting = waiting.slice(ready.length);
      if (ready.length > 0) yield ready.map(({ mail }) => mail);
    }
  }

  #unsettled(): readonly SearchedPage[] {
    const { settled } = this.#index;
    return this.#searched.pages.filter(({ name }) => name === undefined || !settled.has(name));
  }

  /** What stands in parts but not in the mailbox was erased, or is expired. */
  #mayHoldErased(): boolean {
    const { erased, pages } = this.#searched;
    if (erased.size === 0) return false;
    const there = pages.reduce((sum, { count }) => sum + count, 0);
    const indexed = this.#index.parts.reduce((sum, { size }) => sum + size.mails, 0);
    return indexed > there || this.#unsettled().length > 0;
  }

  /** Pages of which all mails are indexed need not be looked at again. */
  #settle(since: PartState): void {
    const names = this.#searched.pages.flatMap(({ name }) => name ?? []);
    const { settled } = this.#index;
    if (names.length !== settled.size || names.some((name) => !settled.has(name)))
      this.#index.settle(names, since);
  }

  async #idsThere(): Promise<(id: string) => boolean> {
    const ids = new Set<string>();
    for (const page of this.#searched.pages) for (const { id } of await page.mails()) ids.add(id);
    return (id) => ids.has(id);
  }

  async #confirm(mail: ListedMail, wanted: readonly Wanted[]): Promise<boolean> {
    if (wanted.length === 0) return true;
    const phrases = wanted.flatMap(({ phrase }) => phrase ?? []);
    // What takes messages apart is loaded only where it is needed.
    const { standIn } = await import('./confirming.js');
    const found = await standIn(mail, phrases, this.#searched);
    return wanted.every(({ isUnwanted }, at) => found[at] !== isUnwanted);
  }
}

interface Answer {
  readonly receivedAt: number;
  toConfirm(): readonly Wanted[];
}

/**
 * The mails that answer, by their ids: as many as are asked for, the last ones, and then more and more of those before
 * them, for where some of them are not there any more, or do not hold.
 */
function* windowsOf(
  answers: readonly Answers[],
  { since, until, limit }: Asked,
): Generator<ReadonlyMap<string, Answer>> {
  const isAsked = (time: number) => since <= time && time < until;
  const isLimited = since > Number.NEGATIVE_INFINITY || until < Number.POSITIVE_INFINITY;
  const times = sorted(answers.map(({ times }) => (isLimited ? times.filter(isAsked) : times)));
  let before = Number.POSITIVE_INFINITY;
  for (let count = limit, end = times.length; end > 0; count *= 4) {
    const from = times[Math.max(0, end - count)] as number;
    const window = new Map<string, Answer>();
    for (const one of answers)
      for (let at = 0; at < one.times.length; at++) {
        const receivedAt = one.times[at] as number;
        if (receivedAt < from || receivedAt >= before || !isAsked(receivedAt)) continue;
        window.set(one.id(at), { receivedAt, toConfirm: () => one.toConfirm(at) });
      }
    yield window;
    before = from;
    end = firstFrom(times, (time) => time >= from);
  }
}

function sorted(some: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(some.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const one of some) {
    all.set(one, at);
    at += one.length;
  }
  return all.sort();
}

/** A mail, and the place of its page among all. */
interface Placed {
  readonly mail: ListedMail;
  readonly place: number;
}

function lastFirst(a: Placed, b: Placed): number {
  return b.mail.receivedAt - a.mail.receivedAt || b.place - a.place || b.mail.number - a.mail.number;
}

/** Which of the rising times are within those of a page, its ends included. */
function rangeOf(
  times: Float64Array,
  { earliest, latest }: Pick<SearchedPage, 'earliest' | 'latest'>,
): [first: number, end: number] {
  return [firstFrom(times, (time) => time >= earliest), firstFrom(times, (time) => time > latest)];
}

/** The first of the rising times that is late enough. */
function firstFrom(times: Float64Array, isLate: (time: number) => boolean): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isLate(times[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}
