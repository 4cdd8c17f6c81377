/** Word index: the parts that stand in the rows of a cache, and how they are added, merged and dropped (spec/search.md, Parts). */
import type { SealedRows } from '../cache/sealed-rows.js';
import { mergeParts } from './merging.js';
import type { Entry } from './pages.js';
import { Part, type PartSize, readRow, removePart, writePart } from './part.js';
import { DamagedPart, OctetReader, Octets } from './postings.js';

/** Of the rules for words, and of the rows. A list of another version is not read, and everything is made anew. */
const version = 1;
const listName = 'search/parts';
/** So many parts of about one size become one. */
const partsToMerge = 8;

type Row = readonly [name: string, value: Uint8Array | undefined];

interface PartList {
  /** The number that the next part gets. */
  readonly next: number;
  readonly sizes: readonly PartSize[];
}

export class WordIndex {
  #parts: readonly Part[] = [];

  constructor(readonly rows: SealedRows) {
    this.refresh();
  }

  get parts(): readonly Part[] {
    return this.#parts;
  }

  /** Reads the list of parts again: another program may have changed it. */
  refresh(): void {
    this.#parts = readList(this.rows).sizes.map((size) => new Part(this.rows, size));
  }

  /** The ids of all mails that are indexed. Parts of which that cannot be read are dropped. */
  ids(): Set<string> {
    const ids = new Set<string>();
    for (const part of this.#parts)
      this.#orDrop(part, () => {
        for (const id of part.ids()) ids.add(id);
      });
    return ids;
  }

  /** Adds a part. */
  add(ids: readonly string[], entries: Iterable<Entry>): void {
    this.#change([], ids, entries);
  }

  /** Does something with each part; drops a part of which rows are missing or damaged. Says whether it dropped any. */
  eachPart(use: (part: Part) => void): boolean {
    let dropped = false;
    for (const part of this.#parts) if (!this.#orDrop(part, () => use(part))) dropped = true;
    return dropped;
  }

  /** Merges where there are many parts of about one size. The mails that are not kept leave those parts. */
  merge(isKept: (id: string) => boolean): void {
    for (let some = crowd(this.#parts); some.length > 0; some = crowd(this.#parts))
      this.#rewrite(some, isKept);
  }

  /** Takes mails out of the parts at once, with every word that stood in them alone. */
  forget(gone: ReadonlySet<string>): void {
    for (const part of this.#parts) {
      let has = false;
      this.#orDrop(part, () => {
        has = part.ids().some((id) => gone.has(id));
      });
      if (has) this.#rewrite([part], (id) => !gone.has(id));
    }
  }

  #rewrite(parts: readonly Part[], isKept: (id: string) => boolean): void {
    try {
      const { ids, entries } = mergeParts(parts, isKept);
      this.#change(parts, ids, entries);
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

  #change(gone: readonly Part[], ids: readonly string[] = [], entries: Iterable<Entry> = []): void {
    this.rows.put(changed(this.rows, gone, ids, entries));
    this.refresh();
  }
}

/** The rows of a change. The list is read when the transaction has begun. */
function* changed(
  rows: SealedRows,
  gone: readonly Part[],
  ids: readonly string[],
  entries: Iterable<Entry>,
): Generator<Row> {
  const { next, sizes } = readList(rows);
  const left = sizes.filter((size) => !gone.some((part) => part.size.number === size.number));
  // Before anything is taken away: the new part is read from the old ones.
  const made = ids.length > 0 ? [yield* writePart(next, ids, entries)] : [];
  for (const { size } of gone) yield* removePart(size);
  yield [listName, encodeList({ next: next + made.length, sizes: [...left, ...made] })];
}

/** Parts of about one size, if they are so many that they should be one. */
function crowd(parts: readonly Part[]): readonly Part[] {
  const crowds = new Map<number, Part[]>();
  for (const part of parts) {
    const order = Math.floor(Math.log(part.size.mails) / Math.log(partsToMerge));
    const same = crowds.get(order) ?? [];
    crowds.set(order, [...same, part]);
  }
  return [...crowds.values()].find((some) => some.length >= partsToMerge) ?? [];
}

function readList(rows: SealedRows): PartList {
  const none: PartList = { next: 1, sizes: [] };
  const row = readRow(rows, listName);
  if (!row) return none;
  try {
    const reader = new OctetReader(row);
    if (reader.number() !== version) return none;
    const next = reader.number();
    const sizes: PartSize[] = [];
    while (reader.at < reader.end)
      sizes.push({ number: reader.number(), mails: reader.number(), pages: reader.number() });
    return { next, sizes };
  } catch (error) {
    if (error instanceof DamagedPart) return none;
    throw error;
  }
}

function encodeList({ next, sizes }: PartList): Uint8Array {
  const octets = new Octets();
  octets.number(version);
  octets.number(next);
  for (const { number, mails, pages } of sizes)
    for (const value of [number, mails, pages]) octets.number(value);
  return octets.taken.slice();
}
