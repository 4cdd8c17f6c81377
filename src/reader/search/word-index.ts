/** Word index: the parts that stand in the rows of a cache, and how they are added, merged and dropped (spec/search.md, Format). */
import type { SealedRows } from '../cache/sealed-rows.js';
import { mergeParts } from './merging.js';
import type { Entry } from './pages.js';
import { encodeMails, Part, type PartMail, type PartSize, readRow, removePart, writePart } from './part.js';
import { DamagedPart, OctetReader, Octets } from './postings.js';

/** Of the rules for words, and of the rows. A list of another version is not read, and everything is made anew. */
const version = 2;
const listName = 'search/parts';
/** So many parts of about one size become one. */
const partsToMerge = 8;

type Row = readonly [name: string, value: Uint8Array | undefined];

interface PartList {
  /** The number that the next part gets. */
  readonly next: number;
  /** How often parts were taken away whose mails are in no other. */
  readonly losses: number;
  readonly sizes: readonly PartSize[];
  /** Names of pages of the mailbox of which all mails are in the parts. */
  readonly settled: readonly string[];
}

/** What tells whether parts were taken away. */
export type PartState = Pick<PartList, 'next' | 'losses'>;

const noMails = new Uint8Array(0);
const noParts: PartList = { next: 1, losses: 0, sizes: [], settled: [] };

export class WordIndex {
  #parts: readonly Part[] = [];
  #list: PartList = noParts;

  constructor(readonly rows: SealedRows) {
    this.refresh();
  }

  get parts(): readonly Part[] {
    return this.#parts;
  }

  /** Reads the list of parts again: another program may have changed it. */
  refresh(): void {
    this.#list = readList(this.rows);
    this.#parts = this.#list.sizes.map((size) => new Part(this.rows, size));
  }

  /** Names of pages of the mailbox that need not be looked at: all their mails are in the parts. */
  get settled(): ReadonlySet<string> {
    return new Set(this.#list.settled);
  }

  /** The state in which nothing that is in the parts now was taken away. */
  get state(): PartState {
    return this.#list;
  }

  /** Settles pages, unless a part was taken away since a state, by this program or another. */
  settle(names: readonly string[], since: PartState): void {
    const { rows } = this;
    rows.put(
      (function* (): Generator<Row> {
        const list = readList(rows);
        // A list that was lost begins anew.
        if (list.losses === since.losses && list.next >= since.next)
          yield [listName, encodeList({ ...list, settled: names })];
      })(),
    );
    this.refresh();
  }

  /** The ids of all mails that are indexed. Parts of which that cannot be read are dropped. */
  ids(): Set<string> {
    const ids = new Set<string>();
    for (const part of this.#parts)
      this.#orDrop(part, () => {
        const mails = part.mails();
        for (let at = 0; at < mails.length; at++) ids.add(mails.id(at));
      });
    return ids;
  }

  /** Adds a part. */
  add(mails: readonly PartMail[], entries: Iterable<Entry>): void {
    this.#change([], encodeMails(mails), entries);
  }

  /** Does something with each part; drops a part of which rows are missing or damaged. Says whether it dropped any. */
  eachPart(use: (part: Part) => void): boolean {
    let dropped = false;
    for (const part of this.#parts) if (!this.#orDrop(part, () => use(part))) dropped = true;
    return dropped;
  }

  /** Merges where there are many parts of about one size. The mails that are not kept leave those parts. */
  async merge(isKept: () => Promise<(id: string) => boolean>): Promise<void> {
    if (crowd(this.#parts).length === 0) return;
    const keeps = await isKept();
    for (let some = crowd(this.#parts); some.length > 0; some = crowd(this.#parts))
      this.#rewrite(some, keeps);
  }

  /** Takes mails out of the parts at once, with every word that stood in them alone. */
  forget(gone: ReadonlySet<string>): void {
    for (const part of this.#parts) {
      let has = false;
      this.#orDrop(part, () => {
        const mails = part.mails();
        for (let at = 0; at < mails.length && !has; at++) has = gone.has(mails.id(at));
      });
      if (has) this.#rewrite([part], (id) => !gone.has(id));
    }
  }

  #rewrite(parts: readonly Part[], isKept: (id: string) => boolean): void {
    try {
      const { mails, entries } = mergeParts(parts, isKept);
      this.#change(parts, mails, entries, true);
    } catch (error) {
      if (!(error instanceof DamagedPart)) throw error;
      this.refresh();
      // Another program may have merged them meanwhile; if not, they are made anew.
      this.#change(this.#parts.filter((part) => parts.some(({ size }) => size.number === part.size.number)));
    }
  }

  #orDrop(part: Part, use: () => void): boolean {
    try {
      use();
      return true;
    } catch (error) {
      if (!(error instanceof DamagedPart)) throw error;
      this.#change([part]);
      return false;
    }
  }

  #change(
    gone: readonly Part[],
    mails: Uint8Array = noMails,
    entries: Iterable<Entry> = [],
    isMerge = gone.length === 0,
  ): void {
    this.rows.put(changed(this.rows, { gone, mails, entries, isMerge }));
    this.refresh();
  }
}

interface Change {
  readonly gone: readonly Part[];
  /** Of the new part, if there are any: their row. */
  readonly mails: Uint8Array;
  readonly entries: Iterable<Entry>;
  /** Whether all that was in the parts that go is in the new one. */
  readonly isMerge: boolean;
}

/** The rows of a change. The list is read when the transaction has begun. */
function* changed(rows: SealedRows, { gone, mails, entries, isMerge }: Change): Generator<Row> {
  const { next, losses, sizes, settled } = readList(rows);
  const left = sizes.filter((size) => !gone.some((part) => part.size.number === size.number));
  // Before anything is taken away: the new part is read from the old ones.
  const made = mails.length > 0 ? [yield* writePart(next, mails, entries)] : [];
  for (const { size } of gone) yield* removePart(size);
  const list = {
    next: next + made.length,
    losses: losses + (isMerge ? 0 : 1),
    sizes: [...left, ...made],
    settled: isMerge ? settled : [],
  };
  yield [listName, encodeList(list)];
}

/** Parts of about one size, if they are so many that they should be one; the first of them. */
function crowd(parts: readonly Part[]): readonly Part[] {
  const crowds = new Map<number, Part[]>();
  for (const part of parts) {
    const order = Math.floor(Math.log(part.size.mails) / Math.log(partsToMerge));
    const same = crowds.get(order) ?? [];
    crowds.set(order, [...same, part]);
  }
  return [...crowds.values()].find((some) => some.length >= partsToMerge)?.slice(0, partsToMerge) ?? [];
}

function readList(rows: SealedRows): PartList {
  const row = readRow(rows, listName);
  if (!row) return noParts;
  try {
    const reader = new OctetReader(row);
    if (reader.number() !== version) return noParts;
    const next = reader.number();
    const losses = reader.number();
    const sizes: PartSize[] = [];
    for (let parts = reader.number(); parts > 0; parts--)
      sizes.push({ number: reader.number(), mails: reader.number(), pages: reader.number() });
    const settled: string[] = [];
    while (reader.at < reader.end) settled.push(Buffer.from(reader.take(reader.number())).toString());
    return { next, losses, sizes, settled };
  } catch (error) {
    if (error instanceof DamagedPart) return noParts;
    throw error;
  }
}

function encodeList({ next, losses, sizes, settled }: PartList): Uint8Array {
  const octets = new Octets();
  for (const value of [version, next, losses, sizes.length]) octets.number(value);
  for (const { number, mails, pages } of sizes)
    for (const value of [number, mails, pages]) octets.number(value);
  for (const name of settled) {
    const text = Buffer.from(name);
    octets.number(text.length);
    octets.append(text);
  }
  return octets.taken.slice();
}
