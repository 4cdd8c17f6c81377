/** Key table: every recipient key once, without addresses, with the number of rows that use it (spec/registry.md, Key rows). */
import { readU64, writeU64 } from '../format/place.js';
import type { Random } from '../seal/channel.js';
import { fingerprintOf, publicKeySize } from '../seal/keys.js';
import type { Database } from '../sqlite/open-database.js';
import { PaddedTable, paddingKind, type TableCounts } from './padded-table.js';
import type { RowKeys } from './row-keys.js';

const keyKind = 1;
const usesAt = 8;
const keyAt = 16;
const bodySize = keyAt + publicKeySize;

export class KeyTable {
  readonly #rows: PaddedTable;

  constructor(
    database: Database.Database,
    private readonly keys: RowKeys,
    random: Random,
    path: string,
  ) {
    this.#rows = new PaddedTable(database, 'keys', bodySize, (subject) => keys.keyRow(subject), random, path);
  }

  /** One more row of the table `recipients` uses the key. */
  use(publicKey: Uint8Array, counts: TableCounts): void {
    this.#change(publicKey, 1, counts);
  }

  /** One row fewer uses it; the last one takes it away. */
  release(publicKey: Uint8Array, counts: TableCounts): void {
    this.#change(publicKey, -1, counts);
  }

  /** Seals the key's row anew, as `use` does, and changes nothing. */
  touch(publicKey: Uint8Array): void {
    this.#rows.seal(this.keys.keyRow(fingerprintOf(publicKey)));
  }

  pad(counts: TableCounts): void {
    this.#rows.pad(counts);
  }

  /** All keys, in no telling order. */
  list(): Uint8Array[] {
    const found: Uint8Array[] = [];
    for (const [key, value] of this.#rows.all()) {
      const body = this.#rows.open({ key, sealKey: this.keys.keyRowSeal(key) }, value);
      if (body[0] === keyKind) found.push(body.slice(keyAt));
      else if (body[0] !== paddingKind) throw this.#rows.damage(key, 'is of an unknown kind');
    }
    return found;
  }

  /** As PaddedTable.check, and every key opens. */
  check(counts: TableCounts): void {
    this.#rows.check(counts);
    if (this.list().length !== counts.real) throw this.#rows.miscounted();
  }

  #change(publicKey: Uint8Array, by: 1 | -1, counts: TableCounts): void {
    const row = this.keys.keyRow(fingerprintOf(publicKey));
    const found = this.#rows.read(row);
    const uses = (found ? readU64(found, usesAt) : 0) + by;
    if (uses < 0) throw this.#rows.damage(row.key, 'is missing');
    if (uses === 0) {
      this.#rows.remove(row, counts);
      return;
    }
    const body = new Uint8Array(bodySize);
    body[0] = keyKind;
    writeU64(body, usesAt, uses);
    body.set(publicKey, keyAt);
    this.#rows.write(row, body, counts);
  }
}
