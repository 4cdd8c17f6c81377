/** Rows file: it shows nothing, notices every change, and two may use it at once. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { openRowsFile, type RowsFile } from '../../../src/reader/cache/rows-file.js';
import {
  CacheDamage,
  cacheKey,
  cacheName,
  formatRow,
  rowsInMemory,
  sealedRows,
} from '../../../src/reader/cache/sealed-rows.js';
import { Sqlite } from '../../../src/sqlite/sqlite.js';
import { bytesFrom, chance } from '../../support/chance.js';
import { withFolder } from '../../support/folder.js';
import { person } from '../../support/post-office.js';
import { assert, suite } from '../../support/suite.js';

const ann = person('ann');
const journal = bytesFrom('journal', 16);
const random = chance('rows');
const open = (folder: string, identity = ann, id = journal): RowsFile =>
  openRowsFile(join(folder, 'cache'), identity, id, random);
const text = (words: string) => new Uint8Array(Buffer.from(words));
const read = (rows: Pick<RowsFile, 'get'>, name: string) => {
  const value = rows.get(name);
  return value && Buffer.from(value).toString();
};

const sequence = (first: number, length: number) => Uint8Array.from({ length }, (_, at) => first + at);

suite('rows file', (test) => {
  test('the example of the page does not come out', () => {
    const page = readFileSync(new URL('../../../../spec/cache.md', import.meta.url), 'utf8').replace(
      /\s+/g,
      '',
    );
    const [seed, id, salt] = [sequence(0x40, 32), sequence(0, 16), sequence(0xb0, 16)];
    const key = cacheKey(seed, id, salt);
    const put: string[] = [cacheName(seed, id), Buffer.from(key).toString('hex')];
    const store = {
      get: () => undefined,
      put(rows: Iterable<readonly [bigint, Uint8Array | undefined]>) {
        for (const [number, value] of rows)
          put.push(number.toString(16).padStart(16, '0'), Buffer.from(value ?? []).toString('hex'));
      },
    };
    sealedRows(store, key, (length) => sequence(0xa0, length)).put([[formatRow.name, formatRow.value]]);
    assert.is(put.length, 4);
    for (const octets of put) assert.ok(page.includes(octets), octets);
  });

  test('a row is lost, comes back after it was removed, or has another length', () =>
    withFolder(async (folder) => {
      const file = open(folder);
      for (const rows of [file, rowsInMemory()]) {
        const sizes = [0, 1, 59, 60, 61, 4092, 4093, 100_000];
        rows.put(sizes.map((size) => [`size ${size}`, bytesFrom('value', size)] as const));
        for (const size of sizes)
          assert.is(Buffer.compare(rows.get(`size ${size}`) ?? text('none'), bytesFrom('value', size)), 0);
        rows.put([
          ['size 1', undefined],
          ['size 0', text('other')],
        ]);
        assert.is(rows.get('size 1'), undefined);
        assert.is(read(rows, 'size 0'), 'other');
      }
      file.close();
      const again = open(folder);
      assert.is(read(again, 'size 0'), 'other');
      assert.is(again.get('size 1'), undefined);
      again.close();
      assert.equal(readdirSync(folder), ['cache'], 'something is left beside it');
      assert.is(statSync(join(folder, 'cache')).mode & 0o777, 0o600);
    }));

  test('names or values stand in the file, or in what is beside it', () =>
    withFolder(async (folder) => {
      const rows = open(folder);
      rows.put([['a telling name', text('a secret value '.repeat(100))]]);
      rows.hold();
      rows.put([['another name', text('one more secret')]]);
      const names = readdirSync(folder);
      assert.ok(names.includes('cache-wal'));
      for (const name of names) {
        const octets = readFileSync(join(folder, name));
        for (const word of ['telling', 'secret', 'another', ann.seed, journal])
          assert.is(octets.indexOf(word), -1, `${name}: ${word}`);
        assert.is(statSync(join(folder, name)).mode & 0o777, 0o600, name);
      }
      rows.close();
      assert.not(cacheName(ann.seed, journal) === cacheName(person('bob').seed, journal));
      assert.not(cacheName(ann.seed, journal) === cacheName(ann.seed, bytesFrom('other', 16)));
    }));

  test('lengths of values show in the file', () =>
    withFolder(async (folder) => {
      const sizes = new Set<number>();
      for (let size = 1; size <= 40; size++) {
        mkdirSync(join(folder, String(size)));
        const rows = open(join(folder, String(size)));
        rows.put([['one', new Uint8Array(size)]]);
        rows.close();
        sizes.add(statSync(join(folder, String(size), 'cache')).size);
      }
      assert.is(sizes.size, 1);
    }));

  test('a file that was changed, exchanged or cut gives a wrong value instead of an error', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'cache');
      const rows = open(folder);
      rows.put(Array.from({ length: 50 }, (_, at) => [`row ${at}`, text(`value ${at}`)] as const));
      rows.close();
      const whole = readFileSync(path);
      const values = () => {
        const now = open(folder);
        try {
          for (let at = 0; at < 50; at++) {
            const value = read(now, `row ${at}`);
            assert.ok(value === undefined || value === `value ${at}`, value);
          }
        } finally {
          now.close();
        }
      };
      for (let at = 0; at < whole.length; at += 499) {
        const damaged = Buffer.from(whole);
        damaged[at] = (damaged[at] as number) ^ 0x55;
        writeFileSync(path, damaged);
        try {
          values();
        } catch (error) {
          assert.instance(error, CacheDamage, `octet ${at}: ${error}`);
        }
      }
      for (const other of [Buffer.alloc(5000, 'x'), whole.subarray(0, 8192), whole.subarray(0, 9000)]) {
        writeFileSync(path, other);
        assert.throws(values, (error: unknown) => error instanceof CacheDamage);
      }
      writeFileSync(path, whole);
      const planted = new Sqlite(path);
      planted.exec('CREATE TRIGGER t AFTER INSERT ON rows BEGIN DELETE FROM rows; END');
      planted.close();
      assert.throws(values, (error: unknown) => error instanceof CacheDamage);
      writeFileSync(path, whole);
      assert.throws(
        () => open(folder, person('bob')),
        (error: unknown) => error instanceof CacheDamage,
      );
      assert.throws(
        () => open(folder, ann, bytesFrom('other', 16)),
        (error: unknown) => error instanceof CacheDamage,
      );
    }));

  test('who holds a moment sees what others write, or not what it wrote itself', () =>
    withFolder(async (folder) => {
      const one = open(folder);
      one.put([
        ['a', text('old')],
        ['b', text('old')],
      ]);
      one.hold();
      const other = open(folder);
      other.put([
        ['a', text('new')],
        ['b', undefined],
      ]);
      assert.equal([read(one, 'a'), read(one, 'b')], ['old', 'old']);
      const isNew = (newest: Pick<RowsFile, 'get'>) => read(newest, 'a') === 'new';
      assert.is(
        one.putIf((newest) => !isNew(newest), [['d', text('lost')]]),
        false,
      );
      assert.equal([read(one, 'd'), read(one, 'a'), read(other, 'd')], [undefined, 'old', undefined]);
      assert.is(one.putIf(isNew, [['c', text('own')]]), true);
      assert.equal([read(one, 'c'), read(one, 'a'), read(other, 'c')], ['own', 'new', 'own']);
      other.put([['a', text('newest')]]);
      assert.is(read(one, 'a'), 'new');
      one.release();
      assert.equal([read(one, 'a'), read(one, 'b'), read(one, 'c')], ['newest', undefined, 'own']);
      one.close();
      other.close();
    }));
});
