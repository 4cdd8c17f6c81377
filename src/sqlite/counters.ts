/** Counters: SQLite counts changes in the file's header. They begin somewhere at random, so that they count nothing. */
import type { Database } from 'better-sqlite3';

/**
 * Makes an empty database begin with `changes` commits behind it and the schema cookie at `schema` (31 bits). SQLite
 * offers no other way to set the change counter; with nothing synced a commit takes some 8 microseconds.
 */
export function startCounters(database: Database, changes: number, schema: number): void {
  database.pragma('journal_mode = MEMORY');
  database.pragma('synchronous = OFF');
  for (let made = 0; made < changes; made += 1) database.exec('PRAGMA user_version = 0');
  database.pragma('synchronous = FULL');
  database.unsafeMode(true);
  database.pragma(`schema_version = ${schema}`);
  database.unsafeMode(false);
}
