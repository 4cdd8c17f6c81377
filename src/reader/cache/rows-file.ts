/** Rows file: sealed rows in one SQLite file, for one identity and one journal (spec/cache.md, The file). */
import { equal } from '../../core/bytes.js';
import { Problem } from '../../core/errors.js';
import { readU32 } from '../../format/place.js';
import type { Random } from '../../seal/channel.js';
import type { Identity } from '../../seal/keys.js';
import {
  createDatabase,
  type Database,
  type DatabaseKind,
  NewerDatabase,
} from '../../sqlite/open-database.js';
import {
  CacheDamage,
  cacheKey,
  formatRow,
  type RowStore,
  type SealedRows,
  type SharedRows,
  sealedRows,
} from './sealed-rows.js';

const kind: DatabaseKind = {
  name: 'cache',
  applicationId: 0x6f626361,
  version: 1,
  pageSize: 8192,
  journal: 'WAL',
  schema:
    'CREATE TABLE salt (salt BLOB NOT NULL) STRICT; CREATE TABLE rows (number INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT',
};
const saltSize = 16;
/** Octets of the file's pages that are kept in memory; what of a larger change is written waits in the WAL. */
const pagesKept = 4 * 2 ** 20;

/** Rows of a file that is open. */
export interface RowsFile extends SharedRows {
  /** What others write from here on is not seen until `release`, or until this one puts something. */
  hold(): void;
  release(): void;
  /** Removes all rows but these, of those that open: others are damaged, or nobody knows their names any more. */
  startOver(names: readonly string[]): void;
  close(): void;
}

/**
 * Opens the file, or makes it. Throws CacheDamage if it is no cache of this identity and journal: it may be deleted then.
 * Throws Problem if it cannot be had at all, is of a newer program, or others hold it for longer than five seconds.
 */
export function openRowsFile(
  path: string,
  identity: Identity,
  journal: Uint8Array,
  random: Random,
): RowsFile {
  const open = () => {
    const start = random(6);
    const changes = ((start[0] as number) << 2) | ((start[1] as number) >> 6);
    return asCache(() => {
      const schema = readU32(start, 2) >>> 1;
      const opened = createDatabase(path, kind, { changes, schema }, (made) => {
        made.prepare('INSERT INTO salt VALUES (?)').run(random(saltSize));
      });
      // Rows lie where chance puts them: pages that were read are seldom met again.
      opened.pragma(`cache_size = -${pagesKept / 1024}`);
      return opened;
    });
  };
  const database = open();
  try {
    const salt = asCache(() => database.prepare('SELECT salt FROM salt').pluck().get());
    if (!(salt instanceof Uint8Array)) throw new CacheDamage('the cache has no salt');
    const key = cacheKey(identity.seed, journal, salt);
    const file = new OpenRowsFile(database, open, key, random);
    const format = file.get(formatRow.name);
    if (!format && isEmpty(database)) file.put([[formatRow.name, formatRow.value]]);
    else if (!format || !equal(format, formatRow.value)) throw new CacheDamage('a cache of something else');
    return file;
  } catch (error) {
    database.close();
    throw error;
  }
}

class OpenRowsFile implements RowsFile {
  readonly #rows: SealedRows;
  #isHeld = false;
  /** While a moment is held, another connection writes. */
  #writer: Database.Database | undefined;

  constructor(
    readonly reading: Database.Database,
    readonly open: () => Database.Database,
    readonly key: Uint8Array,
    readonly random: Random,
  ) {
    this.#rows = sealedRows(storeIn(reading), key, random);
  }

  get(name: string): Uint8Array | undefined {
    return asCache(() => this.#rows.get(name));
  }

  put(rows: Iterable<readonly [name: string, value: Uint8Array | undefined]>): void {
    this.putIf(() => true, rows);
  }

  putIf(
    isStill: (newest: Pick<SealedRows, 'get'>) => boolean,
    rows: Iterable<readonly [name: string, value: Uint8Array | undefined]>,
  ): boolean {
    const database = this.#isHeld ? this.#writing() : this.reading;
    const newest = this.#isHeld ? sealedRows(storeIn(database), this.key, this.random) : this.#rows;
    const isPut = asCache(() =>
      database
        .transaction(() => {
          if (!isStill(newest)) return false;
          newest.put(rows);
          return true;
        })
        .immediate(),
    );
    if (isPut && this.#isHeld) this.#begin();
    return isPut;
  }

  hold(): void {
    if (!this.#isHeld) this.#begin();
  }

  #begin(): void {
    this.#isHeld = true;
    // A transaction begins to see with its first look.
    asCache(() => {
      if (this.reading.inTransaction) this.reading.exec('COMMIT');
      this.reading.exec('BEGIN');
      this.reading.prepare('SELECT count(*) FROM salt').get();
    });
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    if (this.reading.inTransaction) this.reading.exec('COMMIT');
    this.#writer?.close();
    this.#writer = undefined;
  }

  startOver(names: readonly string[]): void {
    this.release();
    const kept = names.flatMap((name) => {
      try {
        return [[name, this.get(name)] as const];
      } catch (error) {
        if (error instanceof CacheDamage) return [];
        throw error;
      }
    });
    asCache(() =>
      this.reading
        .transaction(() => {
          this.reading.exec('DELETE FROM rows');
          this.#rows.put([...kept, [formatRow.name, formatRow.value]]);
        })
        .immediate(),
    );
  }

  close(): void {
    this.release();
    this.reading.close();
  }

  #writing(): Database.Database {
    this.#writer ??= this.open();
    return this.#writer;
  }
}

function storeIn(database: Database.Database): RowStore {
  const get = database.prepare('SELECT value FROM rows WHERE number = ?').pluck();
  const put = database.prepare('INSERT OR REPLACE INTO rows VALUES (?, ?)');
  const remove = database.prepare('DELETE FROM rows WHERE number = ?');
  return {
    get(number) {
      const value = get.get(number);
      return value instanceof Uint8Array ? value : undefined;
    },
    put(rows) {
      for (const [number, value] of rows)
        if (value) put.run(number, value);
        else remove.run(number);
    },
  };
}

function isEmpty(database: Database.Database): boolean {
  return asCache(() => database.prepare('SELECT count(*) FROM rows').pluck().get()) === 0;
}

/** What SQLite finds wrong with the file itself is damage; that others hold it, or the disk is full, is a Problem or stays as it is. */
function asCache<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const isDamage =
      error instanceof Problem
        ? !(error instanceof NewerDatabase) && (error.kind === 'failure' || error.kind === 'damage')
        : error instanceof Error &&
          'code' in error &&
          /^SQLITE_(CORRUPT|NOTADB|ERROR|MISMATCH|CONSTRAINT|SCHEMA)/.test(String(error.code));
    if (isDamage) throw new CacheDamage((error as Error).message);
    throw error;
  }
}
