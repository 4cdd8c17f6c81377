/** Tables: the three of a registry, and how they are written: whole transactions, right padding, a rebuilt file. */
import type { Random } from '../seal/channel.js';
import type { Database } from '../sqlite/open-database.js';
import { KeyTable } from './key-table.js';
import { PaddedTable } from './padded-table.js';
import { recipientBodySize } from './recipient-body.js';
import type { RowKeys } from './row-keys.js';
import { type Counts, State } from './state.js';

export class Tables {
  readonly rowKeys: RowKeys;
  readonly recipients: PaddedTable;
  readonly keys: KeyTable;
  readonly #state: State;
  readonly #isSettled;
  readonly #setSettled;
  /** What the running transaction began with and changes; undefined outside of one. */
  #counts: Counts | undefined;

  constructor(
    private readonly database: Database.Database,
    path: string,
    pepper: Uint8Array,
    random: Random,
  ) {
    this.#state = new State(database, pepper, random, path);
    this.rowKeys = this.#state.keys;
    this.recipients = recipientTable(database, this.rowKeys, random, path);
    this.keys = new KeyTable(database, this.rowKeys, random, path);
    this.#isSettled = database.prepare<[], number>('SELECT settled FROM state').pluck();
    this.#setSettled = database.prepare('UPDATE state SET settled = 1');
    // Whoever only reads leaves it to the one that writes.
    if (!database.readonly && this.#isSettled.get() === 0) this.#settle();
  }

  /** Runs `work` in a transaction, or within the one that is running. It changes the counts as it changes rows. */
  write<T>(work: (counts: Counts) => T): T {
    if (this.#counts) return work(this.#counts);
    const result = this.database.transaction(() => this.#whole(work)).immediate();
    this.#settle();
    return result;
  }

  readCounts(): Counts {
    return this.#counts ?? this.#state.read();
  }

  #whole<T>(work: (counts: Counts) => T): T {
    const counts = this.#state.read();
    this.#counts = counts;
    try {
      const value = work(counts);
      this.recipients.pad(counts.recipients);
      this.keys.pad(counts.keys);
      this.#state.write(counts);
      return value;
    } finally {
      this.#counts = undefined;
    }
  }

  /**
   * Rebuilds the file, rows in the order of their keys, so that its pages do not show what was written when. What was
   * written stands whether this succeeds or not: if it fails, the next write or opening does it.
   */
  #settle(): void {
    try {
      this.database.exec('VACUUM');
      this.#setSettled.run();
    } catch {
      // A reader in another process, or a full disk: the row in `state` says that it is still to be done.
    }
  }
}

export function recipientTable(
  database: Database.Database,
  rowKeys: RowKeys,
  random: Random,
  path: string,
): PaddedTable {
  const rowOf = (subject: Uint8Array) => rowKeys.recipientRow(subject, 0);
  return new PaddedTable(database, 'recipients', recipientBodySize, rowOf, random, path);
}
