/** Process lock: one process at a time owns a data directory. It ends with the process, however the process ends. */
import type Database from 'better-sqlite3';
import { Problem } from '../core/errors.js';
import { asPrivate } from './private-file.js';
import { Sqlite } from './sqlite.js';

/** A held lock. */
export interface ProcessLock {
  /** Gives the lock back; again does nothing. The file stays: deleting it would let two processes lock two files. */
  release(): void;
}

/** Two that come at once look at each other's locks for a moment; with no patience at all both could be refused. */
const patience = 250;

/** Held connections: one that nobody refers to would be collected, closed, and the lock with it. */
const held = new Set<Database.Database>();

/**
 * Takes the lock on the empty file at `path`, making it if need be (0600); undefined if another process, or this one,
 * holds it. Throws a Problem where the file cannot be had at all. Waits for at most a quarter of a second.
 *
 * While the lock is held this process must not open the file in any other way: closing any descriptor of a file drops
 * every lock that the process has on it (POSIX fcntl; spec/journal.md, Lock).
 */
export function takeLock(path: string): ProcessLock | undefined {
  return take(path, ['BEGIN EXCLUSIVE']);
}

/** The same for a lock that many may hold at a time, as long as nobody has it by `takeLock`. */
export function takeSharedLock(path: string): ProcessLock | undefined {
  // SQLite takes the lock at the first look into the file.
  return take(path, ['BEGIN', 'SELECT count(*) FROM sqlite_schema']);
}

function take(path: string, statements: readonly string[]): ProcessLock | undefined {
  let connection: Database.Database | undefined;
  try {
    const opened = asPrivate(() => new Sqlite(path, { timeout: patience }));
    connection = opened;
    // The rollback journal is kept in memory: a transaction that never writes leaves no file beside the lock.
    opened.pragma('journal_mode = MEMORY');
    for (const statement of statements) opened.exec(statement);
    held.add(opened);
    return {
      release() {
        held.delete(opened);
        opened.close();
      },
    };
  } catch (error) {
    connection?.close();
    if (error instanceof Sqlite.SqliteError) {
      if (error.code.startsWith('SQLITE_BUSY')) return undefined;
      if (error.code === 'SQLITE_NOTADB')
        throw new Problem('failure', `${path}: not the lock file of obalka: it should be empty`);
    }
    throw new Problem('failure', `${path}: the lock cannot be taken: ${(error as Error).message}`);
  }
}
