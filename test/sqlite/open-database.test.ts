/** Opening databases: what is refused and why, who can read the file, and what stays in it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { Problem, type ProblemKind } from '../../src/core/errors.js';
import { createDatabase, type DatabaseKind, openDatabase } from '../../src/sqlite/open-database.js';
import { Sqlite } from '../../src/sqlite/sqlite.js';
import { assert, suite } from '../support/suite.js';

const kind: DatabaseKind = {
  name: 'box',
  applicationId: 0x626f7831,
  version: 3,
  pageSize: 4096,
  schema: 'CREATE TABLE things (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID',
};
const start = { changes: 5, schema: 77 };

suite('open database', (test) => {
  let folder = '';
  let path = '';

  test.before.each(() => {
    folder = mkdtempSync(join(tmpdir(), 'obalka-sqlite-'));
    path = join(folder, 'box.db');
  });
  test.after.each(() => rmSync(folder, { recursive: true }));

  function make(): Database.Database {
    return createDatabase(path, kind, start, (database) => {
      database.prepare("INSERT INTO things VALUES ('first', x'01')").run();
    });
  }

  function refused(problemKind: ProblemKind, words: string): void {
    assert.throws(
      () => openDatabase(path, kind).close(),
      (error: unknown) =>
        error instanceof Problem &&
        error.kind === problemKind &&
        error.message.startsWith(path) &&
        error.message.includes(words),
    );
  }

  function alter(sql: string): void {
    const database = new Sqlite(path);
    database.exec(sql);
    database.close();
  }

  test('a lost file taken for an empty one', () => {
    refused('missing', 'no such file');
    assert.equal(readdirSync(folder), [], 'and none is made');
    writeFileSync(path, '');
    refused('failure', 'empty');
    path = join(folder, 'none', 'box.db');
    refused('missing', 'no such folder');
  });

  test('a file that is something else', () => {
    writeFileSync(path, 'Dear Alice, this is no database. '.repeat(100));
    refused('failure', 'not a database');
    rmSync(path);
    alter('PRAGMA journal_mode = WAL; CREATE TABLE notes (text)');
    const before = readFileSync(path);
    refused('failure', 'no box of obalka');
    assert.throws(() => createDatabase(path, kind, start, () => {}), /no box of obalka/);
    assert.equal(readFileSync(path), before, 'and it is left as it was');
  });

  test('a newer version', () => {
    make().close();
    alter('PRAGMA user_version = 4');
    refused('failure', 'version 4; this program knows version 3: use a newer obalka');
    alter('PRAGMA user_version = 2');
    refused('failure', 'version 2; this program knows version 3: use a matching obalka');
  });

  test('a trigger, a view or a table that somebody else put in', () => {
    for (const sql of [
      'CREATE TRIGGER mine AFTER INSERT ON things BEGIN DELETE FROM things; END',
      'ALTER TABLE things RENAME TO others; CREATE VIEW things AS SELECT name, value FROM others',
      'CREATE TABLE more (text)',
      'CREATE UNIQUE INDEX found ON things (value)',
      'DROP TABLE things; CREATE TABLE things (name TEXT PRIMARY KEY, value BLOB DEFAULT 1) WITHOUT ROWID',
      'DROP TABLE things',
    ]) {
      make().close();
      alter(sql);
      refused('damage', 'other tables, views or triggers than obalka makes');
      assert.throws(make, /other tables/);
      rmSync(path);
    }
    const older: DatabaseKind = { ...kind, version: 4, takesOver: [3] };
    make().close();
    openDatabase(path, older).close();
    openDatabase(path, older, 'read').close();
  });

  test('a damaged file', () => {
    make().close();
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0xa5, 100, 4096));
    refused('damage', 'damaged box');
  });

  test('a file that others can read', () => {
    make().close();
    assert.is(statSync(path).mode & 0o777, 0o600);
    assert.is(statSync(`${path}-journal`).mode & 0o777, 0o600);
    const before = process.umask();
    assert.is(before, process.umask(before), 'the umask of the process is as before');
  });

  test('made twice, or its making cut off', () => {
    make().close();
    const again = make();
    assert.is(again.prepare('SELECT count(*) FROM things').pluck().get(), 1);
    again.close();
    rmSync(path);
    alter('PRAGMA user_version = 0');
    refused('failure', 'empty');
    make().close();
    openDatabase(path, kind).close();
  });

  test('settings that do not hold', () => {
    make().close();
    const database = openDatabase(path, kind);
    const get = (pragma: string) => database.pragma(pragma, { simple: true });
    assert.is(get('secure_delete'), 1);
    assert.is(get('journal_mode'), 'truncate');
    assert.is(get('synchronous'), 2);
    assert.is(get('temp_store'), 2);
    assert.is(get('trusted_schema'), 0);
    assert.is(get('cell_size_check'), 1);
    assert.is(get('mmap_size'), 0);
    database.close();
  });

  test('deleted bytes that stay in the file', () => {
    const database = make();
    const secret = 'a-secret-of-some-length '.repeat(500);
    database.prepare('INSERT INTO things VALUES (?, ?)').run('second', Buffer.from(secret));
    assert.ok(readFileSync(path).includes('a-secret-of-some-length'));
    database.exec("DELETE FROM things WHERE name = 'second'");
    for (const name of readdirSync(folder))
      assert.not.ok(readFileSync(join(folder, name)).includes('secret'), name);
    assert.is(statSync(`${path}-journal`).size, 0);
    database.close();
  });

  test('counters that begin at 0 and so count the changes', () => {
    make().close();
    const header = readFileSync(path);
    assert.is(header.readUInt32BE(24), start.changes + 2, 'cookie and tables were written');
    assert.is(header.readUInt32BE(40), start.schema + 1, 'schema cookie: one table was made');
  });

  test('another process that holds the file', () => {
    make().close();
    const other = new Sqlite(path);
    other.exec('BEGIN EXCLUSIVE');
    const started = performance.now();
    refused('later', 'try again');
    assert.ok(performance.now() - started > 1000, 'after some patience');
    other.close();
  });
});
