/** Opens a SQLite database the safe way: nothing left behind in the file, every commit durable, foreign files refused. */
import type Database from 'better-sqlite3';
import { Problem } from '../core/errors.js';
import { startCounters } from './counters.js';
import { asPrivate } from './private-file.js';
import { databaseProblem } from './problems.js';
import { Sqlite } from './sqlite.js';

export type { Database };

/** What a database file is for; stands in its header. */
export interface DatabaseKind {
  /** In words, for errors: "registry". */
  readonly name: string;
  /** SQLite's application_id: 32 bits, not 0. */
  readonly applicationId: number;
  /** SQLite's user_version: the version of the format, from 1. */
  readonly version: number;
  /** Older versions whose files are files of this one as they stand; opening writes the new version into them. */
  readonly takesOver?: readonly number[];
  /** Octets of a page: a power of two from 512 to 65536. */
  readonly pageSize: number;
  /** SQL that makes the tables. */
  readonly schema: string;
  /**
   * WAL: readers see one moment while another process writes, a commit costs no sync, and files -wal and -shm stand beside
   * the database while it is open. TRUNCATE, if nothing is said: every commit is durable, and leaves nothing behind.
   */
  readonly journal?: 'TRUNCATE' | 'WAL';
}

/** How long a statement waits for another process, in milliseconds. */
const patience = 5000;

/**
 * Opens the database at `path`. A Problem says that there is none ('missing'), that it is something else or of a newer
 * version ('failure'), or that it is damaged ('damage'). Opened to be read it is never written to.
 */
export function openDatabase(
  path: string,
  kind: DatabaseKind,
  mode: 'write' | 'read' = 'write',
): Database.Database {
  const check = (database: Database.Database) => {
    if (isEmpty(database))
      throw new Problem('failure', `${path}: empty, and no ${kind.name}: put back a copy of it`);
    checkKind(database, path, kind);
  };
  return guarded(path, kind, check, mode);
}

/**
 * Makes the database at `path`, readable by its owner alone, or opens the one that is there. `start` is where its
 * counters of changes begin (see startCounters); `fill` puts in its first rows, in the transaction that makes the tables.
 */
export function createDatabase(
  path: string,
  kind: DatabaseKind,
  start: { readonly changes: number; readonly schema: number },
  fill: (database: Database.Database) => void,
): Database.Database {
  const make = (database: Database.Database): void => {
    if (!isEmpty(database)) {
      checkKind(database, path, kind);
      return;
    }
    database.pragma(`page_size = ${kind.pageSize}`);
    startCounters(database, start.changes, start.schema);
    database.pragma('journal_mode = TRUNCATE');
    database.transaction(() => {
      database.exec(kind.schema);
      database.pragma(`application_id = ${kind.applicationId}`);
      database.pragma(`user_version = ${kind.version}`);
      fill(database);
    })();
  };
  return guarded(path, kind, make, 'create');
}

function guarded(
  path: string,
  kind: DatabaseKind,
  prepare: (database: Database.Database) => void,
  mode: 'write' | 'read' | 'create',
): Database.Database {
  let database: Database.Database | undefined;
  try {
    database = asPrivate(
      () =>
        new Sqlite(path, {
          fileMustExist: mode !== 'create',
          readonly: mode === 'read',
          timeout: patience,
        }),
    );
    harden(database);
    prepare(database);
    database.pragma(`journal_mode = ${kind.journal ?? 'TRUNCATE'}`);
    if (kind.journal === 'WAL') database.pragma('synchronous = NORMAL');
    return database;
  } catch (error) {
    database?.close();
    throw databaseProblem(path, kind.name, error);
  }
}

/** What holds for the connection and is not written to the file. */
function harden(database: Database.Database): void {
  // Freed bytes are overwritten with zeros, in the file as well as in freed pages.
  database.pragma('secure_delete = ON');
  // VACUUM and sorting leave nothing in temporary files.
  database.pragma('temp_store = MEMORY');
  // FULL syncs the emptied journal too. EXTRA adds a sync of the folder, for journals that are deleted: ours is not.
  database.pragma('synchronous = FULL');
  // The schema of a file that somebody else wrote runs no functions, and its cells are checked as pages are read.
  database.pragma('trusted_schema = OFF');
  database.pragma('cell_size_check = ON');
  database.pragma('mmap_size = 0');
  database.pragma('foreign_keys = ON');
}

/** True for a file of no octets, and for one whose making was cut off before its tables stood. */
function isEmpty(database: Database.Database): boolean {
  const tables = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  return tables === 0 && number(database, 'application_id') === 0;
}

/** A file that a newer program made: it is whole, and nothing of it may be thrown away. */
export class NewerDatabase extends Problem {
  override name = 'NewerDatabase';
}

function checkKind(database: Database.Database, path: string, kind: DatabaseKind): void {
  if (number(database, 'application_id') !== kind.applicationId)
    throw new Problem(
      'failure',
      `${path}: a database, but no ${kind.name} of obalka: put back a copy of it, or choose another --data DIR`,
    );
  const version = number(database, 'user_version');
  const isOlder = kind.takesOver?.includes(version) === true;
  if (version > kind.version)
    throw new NewerDatabase(
      'failure',
      `${path}: ${kind.name} of version ${version}; this program knows version ${kind.version}: use a newer obalka`,
    );
  if (version !== kind.version && !isOlder)
    throw new Problem(
      'failure',
      `${path}: ${kind.name} of version ${version}; this program knows version ${kind.version}: use a matching obalka`,
    );
  if (schemaOf(database) !== ownSchema(kind))
    throw new Problem(
      'damage',
      `${path}: damaged ${kind.name}: it has other tables, views or triggers than obalka makes; put back a copy of it`,
    );
  if (isOlder && !database.readonly) database.pragma(`user_version = ${kind.version}`);
}

const ownSchemas = new WeakMap<DatabaseKind, string>();

/** All that the program makes in a file of this kind: a trigger or a view that somebody else put there would run. */
function ownSchema(kind: DatabaseKind): string {
  let schema = ownSchemas.get(kind);
  if (schema !== undefined) return schema;
  const made = new Sqlite(':memory:');
  try {
    made.exec(kind.schema);
    schema = schemaOf(made);
  } finally {
    made.close();
  }
  ownSchemas.set(kind, schema);
  return schema;
}

function schemaOf(database: Database.Database): string {
  const rows = database.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name');
  return JSON.stringify(rows.raw().all());
}

function number(database: Database.Database, pragma: string): number {
  return Number(database.pragma(pragma, { simple: true }));
}
