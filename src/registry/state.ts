/** State: the one row that says which pepper belongs to the registry and how many rows of each table are real. */
import { concat } from '../core/bytes.js';
import { Problem } from '../core/errors.js';
import { readU64, writeU64 } from '../format/place.js';
import type { Random } from '../seal/channel.js';
import type { Database } from '../sqlite/open-database.js';
import type { TableCounts } from './padded-table.js';
import { openRow, RowKeys, samePepper, sealRow } from './row-keys.js';

export const registryIdSize = 16;
const headSize = registryIdSize + 16;
const bodySize = 64;

/** What is sealed in the row. */
export interface Counts {
  readonly recipients: TableCounts;
  readonly keys: TableCounts;
}

export function noRows(): Counts {
  return {
    recipients: { real: 0, firstPadding: 0, nextPadding: 0 },
    keys: { real: 0, firstPadding: 0, nextPadding: 0 },
  };
}

/** The row of the table `state`: id of the registry (16) | pepper check (16) | sealed counts. */
export class State {
  readonly #select;
  readonly #update;
  readonly keys: RowKeys;
  readonly #head: Uint8Array;

  /** Throws a Problem if the pepper is another one. */
  constructor(
    database: Database.Database,
    pepper: Uint8Array,
    private readonly random: Random,
    private readonly path: string,
  ) {
    this.#select = database.prepare<[], Uint8Array>('SELECT sealed FROM state').pluck();
    this.#update = database.prepare('UPDATE state SET settled = 0, sealed = ?');
    const row = this.#row();
    this.#head = row.subarray(0, headSize);
    this.keys = new RowKeys(pepper, row.subarray(0, registryIdSize));
    if (!samePepper(this.keys, row.subarray(registryIdSize, headSize)))
      throw new Problem(
        'failure',
        `${path}: this is not the pepper that the registry was made with: put back the pepper file`,
      );
    this.read();
  }

  read(): Counts {
    const row = this.#row();
    const body = openRow(this.keys.state, row.subarray(0, headSize), row.subarray(headSize));
    if (body?.length !== bodySize) throw this.#damage();
    return { recipients: readCounts(body, 0), keys: readCounts(body, 24) };
  }

  write(counts: Counts): void {
    this.#update.run(sealState(this.keys, this.#head, counts, this.random));
  }

  #row(): Uint8Array {
    const row = this.#select.get();
    if (row === undefined || row.length < headSize) throw this.#damage();
    return row;
  }

  #damage(): Problem {
    return new Problem('damage', `${this.path}: state row does not open: put back a copy of the file`);
  }
}

/** The first row of a new registry. */
export function newState(pepper: Uint8Array, counts: (keys: RowKeys) => Counts, random: Random): Uint8Array {
  const id = random(registryIdSize);
  const keys = new RowKeys(pepper, id);
  return sealState(keys, concat(id, keys.check), counts(keys), random);
}

function sealState(keys: RowKeys, head: Uint8Array, counts: Counts, random: Random): Uint8Array {
  const body = new Uint8Array(bodySize);
  writeCounts(body, 0, counts.recipients);
  writeCounts(body, 24, counts.keys);
  return concat(head, sealRow(keys.state, head, body, random));
}

function readCounts(body: Uint8Array, at: number): TableCounts {
  return {
    real: readU64(body, at),
    firstPadding: readU64(body, at + 8),
    nextPadding: readU64(body, at + 16),
  };
}

function writeCounts(body: Uint8Array, at: number, counts: TableCounts): void {
  writeU64(body, at, counts.real);
  writeU64(body, at + 8, counts.firstPadding);
  writeU64(body, at + 16, counts.nextPadding);
}
