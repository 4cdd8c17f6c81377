/** Keeper: what one identity knows of a journal from earlier readings, and what this one adds to it. */
import { hex, view } from '../../core/bytes.js';
import type { SegmentPlace } from '../../format/place.js';
import type { Random } from '../../seal/channel.js';
import type { Identity } from '../../seal/keys.js';
import type { KeptKeys } from './kept-keys.js';
import { type KeptPage, type KeptSegment, pageOf } from './kept-segment.js';
import {
  type BareMail,
  decodeBare,
  decodePage,
  decodeSome,
  encodePage,
  type ListedMail,
  mailsOfPage,
} from './listed-mail.js';
import { CacheDamage, rowsInMemory, type SealedRows, type SharedRows } from './sealed-rows.js';

/** Octets of pages that wait to be written. */
const mostFresh = 4 * 2 ** 20;

/** The row that names all others; what it does not name does not count. */
const rootName = 'mail root';

interface Root {
  readonly segments: readonly KeptSegment[];
  readonly keys: KeptKeys | undefined;
}

export class Keeper {
  keys: KeptKeys | undefined;
  /** Whether something in the cache was not what was put there: all but the marks is forgotten at the end. */
  isDamaged = false;
  /** The root as it was read, or written last. */
  #root: Uint8Array | undefined;
  readonly #segments = new Map<string, KeptSegment>();
  /** Pages of this reading that are not in the rows. */
  readonly #fresh = new Map<string, Uint8Array>();
  #freshSize = 0;
  /** Names of pages that nothing names any more. */
  readonly #spent = new Set<string>();

  constructor(
    readonly identity: Identity,
    readonly rows: SharedRows,
    readonly random: Random,
  ) {
    try {
      this.#root = rows.get(rootName)?.slice();
      if (!this.#root) return;
      const root = JSON.parse(view(this.#root).toString('utf8')) as Root;
      for (const segment of root.segments) this.#segments.set(segment.name, segment);
      this.keys = root.keys;
    } catch (error) {
      if (!(error instanceof CacheDamage) && !(error instanceof SyntaxError)) throw error;
      this.isDamaged = true;
      this.#segments.clear();
    }
  }

  segment(name: string): KeptSegment | undefined {
    return this.#segments.get(name);
  }

  /** A name that nothing had before: what stands under a name never changes. */
  newName(): string {
    return `mail ${hex(this.random(8))}`;
  }

  keep(segment: KeptSegment): void {
    this.#segments.set(segment.name, segment);
  }

  /** Forgets a segment, and all mails of it. */
  forget(name: string): void {
    for (const page of this.#segments.get(name)?.pages ?? []) this.#spend(page.name);
    this.#segments.delete(name);
  }

  /** Forgets all segments but these: they are not there any more. */
  forgetAllBut(names: ReadonlySet<string>): void {
    for (const name of [...this.#segments.keys()]) if (!names.has(name)) this.forget(name);
  }

  /** Whether mails can be added behind these pages: the last of them may be lost. */
  canAddTo(pages: readonly KeptPage[], at: SegmentPlace): boolean {
    const last = pages.at(-1);
    return !last || last.count >= mailsOfPage || this.mailsOf(last, at) !== undefined;
  }

  /** The pages of a segment with mails added behind those that are there. Throws CacheDamage if the last is lost. */
  addMails(pages: readonly KeptPage[], mails: readonly ListedMail[], at: SegmentPlace): KeptPage[] {
    if (mails.length === 0) return [...pages];
    const kept = [...pages];
    let waiting = [...mails];
    const last = kept.at(-1);
    if (last && last.count < mailsOfPage) {
      const before = this.mailsOf(last, at);
      if (!before) throw new CacheDamage('a page of the cache is lost');
      waiting = [...before, ...mails];
      this.#spend(last.name);
      kept.pop();
    }
    for (let first = 0; first < waiting.length; first += mailsOfPage) {
      const some = waiting.slice(first, first + mailsOfPage);
      const name = this.newName();
      const page = encodePage(some);
      this.#freshSize += page.length;
      this.#fresh.set(name, page);
      kept.push(pageOf(name, some));
    }
    return kept;
  }

  /** A page as it is kept; undefined if it is lost. */
  page(name: string): Uint8Array | undefined {
    try {
      const page = this.#fresh.get(name) ?? this.rows.get(name);
      // Another reader may have put something in its place; or else it is lost.
      if (!page && same(readable(this.rows), this.#root)) this.isDamaged = true;
      return page;
    } catch (error) {
      if (!(error instanceof CacheDamage)) throw error;
      this.isDamaged = true;
      return undefined;
    }
  }

  mailsOf(page: KeptPage, at: SegmentPlace): ListedMail[] | undefined {
    const octets = this.page(page.name);
    return octets && decodePage(octets, at, this.identity);
  }

  /** Those with one of these ids; undefined if the page is lost, or has to be read as a whole. */
  someMailsOf(page: KeptPage, ids: readonly string[], at: SegmentPlace): ListedMail[] | undefined {
    const octets = this.page(page.name);
    return octets && decodeSome(octets, ids, at, this.identity);
  }

  /** All without the texts. */
  bareMailsOf(page: KeptPage, at: SegmentPlace): BareMail[] | undefined {
    const octets = this.page(page.name);
    return octets && decodeBare(octets, at, this.identity);
  }

  /** Runs with a keeper of the same identity that knows nothing, and keeps nothing. */
  apart<T>(use: (alone: Keeper) => T): T {
    return use(new Keeper(this.identity, rowsInMemory(), this.random));
  }

  /** Whether so much is new that it should not wait in memory. */
  get isFull(): boolean {
    return this.#freshSize > mostFresh;
  }

  /** Writes what is new, if no other reader has written since this one began to read. */
  save(): void {
    const root: Root = { segments: [...this.#segments.values()], keys: this.keys };
    const octets = new Uint8Array(Buffer.from(JSON.stringify(root)));
    if (!this.isDamaged && same(octets, this.#root)) return;
    const rows: [string, Uint8Array | undefined][] = this.isDamaged
      ? [[rootName, undefined]]
      : [...[...this.#spent].map((name) => [name, undefined] as [string, undefined]), ...this.#fresh];
    if (!this.isDamaged) rows.push([rootName, octets]);
    const isPut = this.rows.putIf((newest) => same(readable(newest), this.#root), rows);
    if (!isPut) return;
    this.#root = this.isDamaged ? undefined : octets;
    if (!this.isDamaged) this.#fresh.clear();
    this.#freshSize = 0;
    this.#spent.clear();
  }

  #spend(name: string): void {
    if (!this.#fresh.delete(name)) this.#spent.add(name);
  }
}

function readable(rows: Pick<SealedRows, 'get'>): Uint8Array | undefined {
  try {
    return rows.get(rootName);
  } catch (error) {
    if (error instanceof CacheDamage) return undefined;
    throw error;
  }
}

function same(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one && other ? view(one).equals(other) : one === other;
}
