/** Padded table: sealed rows of one size, filled up with padding rows, so that neither rows nor their number tell. */
import { view } from '../core/bytes.js';
import { Problem } from '../core/errors.js';
import { rounded } from '../core/rounded.js';
import type { Random } from '../seal/channel.js';
import type { Database } from '../sqlite/open-database.js';
import { paddingSubject } from './address.js';
import { describeRow, openRow, type Row, rowKeySize, sealingSize, sealRow } from './row-keys.js';

/** How many real rows there are, and which padding rows: those numbered from `firstPadding` to before `nextPadding`. */
export interface TableCounts {
  real: number;
  firstPadding: number;
  nextPadding: number;
}

/** First octet of the body of a padding row; no real row begins with it. */
export const paddingKind = 0;

type Finding = Database.Statement<Uint8Array[], [Buffer, Buffer]>;

/** Rows that may be held in memory: with more of them each change would stop a server for too long. */
const mostHeld = 1024;

export class PaddedTable {
  readonly #insert;
  readonly #update;
  readonly #delete;
  readonly #select;
  /** Statements that find so many rows at once, as they are needed. */
  readonly #selectMany = new Map<number, Finding>();
  readonly #all;
  readonly #count;
  /** Every row as it was when they were last held, by `placeText` of its key; 'no' if they are not to be held. */
  #held: Map<string, Uint8Array> | 'no' | undefined;

  /** `rowOf` gives the row of a padding subject. The name is that of the SQL table, with the columns key and value. */
  constructor(
    private readonly database: Database.Database,
    readonly name: 'recipients' | 'keys',
    readonly bodySize: number,
    private readonly rowOf: (subject: Uint8Array) => Row,
    private readonly random: Random,
    private readonly path: string,
  ) {
    this.#insert = database.prepare(`INSERT INTO ${name} (key, value) VALUES (?, ?)`);
    this.#update = database.prepare(`UPDATE ${name} SET value = ? WHERE key = ?`);
    this.#delete = database.prepare(`DELETE FROM ${name} WHERE key = ?`);
    this.#select = database
      .prepare<[Uint8Array], Uint8Array>(`SELECT value FROM ${name} WHERE key = ?`)
      .pluck();
    this.#all = database.prepare<[], [Buffer, Buffer]>(`SELECT key, value FROM ${name}`).raw();
    this.#count = database
      .prepare<[], number>(`SELECT count(*) FROM (SELECT 1 FROM ${name} LIMIT ${mostHeld + 1})`)
      .pluck();
  }

  /** Until something is written here, or `release`: rows are looked for in memory, as they stand now, if they are few. */
  hold(): void {
    if (this.#held !== undefined) return;
    this.#held = 'no';
    try {
      if ((this.#count.get() ?? 0) > mostHeld) return;
      this.#held = new Map(this.#all.all().map(([key, value]) => [placeText(key), value]));
    } catch {
      // A page that is damaged is to cost those who stand on it, and nobody else.
    }
  }

  release(): void {
    this.#held = undefined;
  }

  get isHeld(): boolean {
    return this.#held instanceof Map;
  }

  /** The body of a row; undefined if there is no such row. Throws a Problem if it does not open. */
  read(row: Row): Uint8Array | undefined {
    const value = this.#held instanceof Map ? this.#held.get(placeText(row.key)) : this.#select.get(row.key);
    return value === undefined ? undefined : this.open(row, value);
  }

  /** Finds rows in memory or in one query: values, still sealed, by `placeText` of their keys. */
  find(rows: readonly Row[]): ReadonlyMap<string, Uint8Array> {
    if (this.#held instanceof Map) return this.#held;
    const found = this.#finding(rows.length).all(...rows.map((row) => row.key));
    return new Map(found.map(([key, value]) => [placeText(key), value]));
  }

  #finding(count: number): Finding {
    let finding = this.#selectMany.get(count);
    if (!finding) {
      const marks = Array<string>(count).fill('?').join(', ');
      finding = this.database
        .prepare<Uint8Array[], [Buffer, Buffer]>(
          `SELECT key, value FROM ${this.name} WHERE key IN (${marks})`,
        )
        .raw();
      this.#selectMany.set(count, finding);
    }
    return finding;
  }

  /** Every row, padding too, sealed, in the order of their keys. */
  all(): [key: Uint8Array, value: Uint8Array][] {
    return this.#all.all();
  }

  open(row: Row, value: Uint8Array): Uint8Array {
    const body = openRow(row.sealKey, row.key, value);
    if (body?.length !== this.bodySize) throw this.damage(row.key, 'does not open');
    return body;
  }

  /** Writes a row, in place of the one that was there. */
  write(row: Row, body: Uint8Array, counts: TableCounts): void {
    this.release();
    const value = sealRow(row.sealKey, row.key, body, this.random);
    if (this.#update.run(value, row.key).changes > 0) return;
    this.#insert.run(row.key, value);
    counts.real += 1;
  }

  /** Seals the row anew as it is, if it is there: who compares two images sees that it changed. */
  seal(row: Row): void {
    this.release();
    const body = this.read(row);
    if (body) this.#update.run(sealRow(row.sealKey, row.key, body, this.random), row.key);
  }

  /** Removes a row that is there. */
  remove(row: Row, counts: TableCounts): void {
    this.release();
    if (this.#delete.run(row.key).changes === 0) throw this.damage(row.key, 'is missing');
    counts.real -= 1;
  }

  /** Adds and takes away padding, oldest first, until the table has as many rows as `counts.real` is rounded to. */
  pad(counts: TableCounts): void {
    const wanted = rounded(counts.real) - counts.real;
    while (counts.nextPadding - counts.firstPadding > wanted) {
      const { key } = this.rowOf(paddingSubject(counts.firstPadding));
      if (this.#delete.run(key).changes === 0) throw this.damage(key, 'is missing');
      counts.firstPadding += 1;
    }
    while (counts.nextPadding - counts.firstPadding < wanted) {
      const row = this.rowOf(paddingSubject(counts.nextPadding));
      this.#insert.run(row.key, sealRow(row.sealKey, row.key, new Uint8Array(this.bodySize), this.random));
      counts.nextPadding += 1;
    }
  }

  /** Throws a Problem unless all rows have the right sizes, their number is right, and each padding row opens. */
  check(counts: TableCounts): void {
    const rows = this.all();
    for (const [key, value] of rows)
      if (key.length !== rowKeySize || value.length !== this.bodySize + sealingSize)
        throw this.damage(key, 'has a wrong size');
    const padding = counts.nextPadding - counts.firstPadding;
    if (rows.length !== rounded(counts.real) || counts.real + padding !== rows.length)
      throw this.miscounted();
    for (let number = counts.firstPadding; number < counts.nextPadding; number += 1) {
      const row = this.rowOf(paddingSubject(number));
      if (this.read(row)?.[0] !== paddingKind) throw this.damage(row.key, 'is missing');
    }
  }

  miscounted(): Problem {
    return new Problem(
      'damage',
      `${this.path}: the table ${this.name} has not the rows it should have: put back a copy of the file`,
    );
  }

  damage(key: Uint8Array, fault: string): Problem {
    return new Problem(
      'damage',
      `${this.path}: ${describeRow(this.name, key)} ${fault}: put back a copy of the file`,
    );
  }
}

/** The place of a row as a text, for maps. */
export function placeText(key: Uint8Array): string {
  return view(key).toString('latin1');
}
