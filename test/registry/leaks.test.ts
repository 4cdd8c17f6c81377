/** What a thief of the database sees: no word of what is in it, and the same file whatever is in it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistry } from '../../src/registry/open-registry.js';
import { fingerprintOf } from '../../src/seal/keys.js';
import { assert, suite } from '../support/suite.js';
import { bytesOf, keyOf, TestRegistry } from './make-registry.js';
import { grep, outside } from './thief-view.js';

suite('registry leaks', (test) => {
  const registries: TestRegistry[] = [];
  const make = (seed: string): TestRegistry => {
    const made = new TestRegistry(seed);
    registries.push(made);
    return made;
  };
  test.after.each(() => {
    for (const made of registries.splice(0)) made.end();
  });

  test('counters of a new registry begin at 0, or where those of others do', () => {
    const seen = ['one', 'two', 'three'].map((seed) => {
      const folder = mkdtempSync(join(tmpdir(), 'obalka-registry-'));
      const path = join(folder, 'registry.db');
      // Of the first six octets drawn, two give the change counter and four the schema cookie.
      const random = (length: number) => bytesOf(`${seed} ${length}`, length);
      createRegistry({ path, pepper: bytesOf('pepper', 32), random, now: () => 0 }).close();
      const header = readFileSync(path);
      rmSync(folder, { recursive: true });
      return { changes: header.readUInt32BE(24), schema: header.readUInt32BE(40) };
    });
    assert.is(new Set(seen.map(({ changes }) => changes)).size, 3);
    assert.is(new Set(seen.map(({ schema }) => schema)).size, 3);
    assert.ok(seen.every(({ changes, schema }) => changes > 64 && schema > 64));
  });

  test('an address, label or key in a file', () => {
    const made = make('grep');
    const tokens = [
      'alice',
      'carol.of.the.lake',
      'example.org',
      'laptop in the attic',
      'xn--bcher-kva',
      keyOf('a').subarray(0, 48),
      keyOf('a').subarray(1100, 1148),
      fingerprintOf(keyOf('a')),
      fingerprintOf(keyOf('b')),
      made.options.pepper,
    ];
    made.open.register('alice@example.org', keyOf('a'), { label: 'laptop in the attic' });
    made.open.register('Carol.of.the.lake@bücher.example', keyOf('b'));
    made.open.register('*@example.org', keyOf('b'));
    made.open.lookup({ localPart: 'alice', domain: 'example.org' });
    grep(made.folder, tokens);
    made.open.together(() => {
      made.open.register('alice@example.org', keyOf('c'));
      // Enough to make SQLite write its journal and pages before the end.
      for (let index = 0; index < 20; index += 1) made.open.register(`${index}@example.org`, keyOf('d'));
      assert.ok(statSync(`${made.path}-journal`).size > 16384, 'the journal holds pages');
      grep(made.folder, tokens);
    });
    made.open.revoke('alice@example.org');
    grep(made.folder, tokens);
    made.open.close();
    grep(made.folder, tokens);
  });

  test('who is registered shows in the file', () => {
    const [one, two] = [make('one'), make('two')];
    const empty = outside(one);
    one.open.register('a@b.cd', keyOf('a'));
    two.open.register(`${'long'.repeat(16)}@${'domain.'.repeat(30)}example`, keyOf('b'), {
      label: 'x'.repeat(64),
      until: 9,
    });
    assert.equal(outside(one), outside(two));
    assert.equal(outside(one), empty, 'and one address looks like none');
    for (let index = 0; index < 8; index += 1) {
      one.open.register(`${index}@b.cd`, keyOf('a'));
      two.open.register(index < 4 ? 'alice@example.org' : '*@example.org', keyOf(`b ${index}`));
    }
    const seen = outside(one) as { rows: unknown };
    const other = outside(two) as { rows: unknown };
    assert.equal(seen.rows, [[[32, 1372, 16]], [[32, 1260, 8]]]);
    assert.equal(other.rows, [[[32, 1372, 16]], [[32, 1260, 16]]]);
  });

  test('what was registered and revoked before shows in the file', () => {
    const [calm, busy] = [make('calm'), make('busy')];
    for (let index = 0; index < 3; index += 1) calm.open.register(`${index}@example.org`, keyOf(`${index}`));
    busy.open.together(() => {
      for (let index = 0; index < 90; index += 1)
        busy.open.register(`${index}@example.net`, keyOf(`${index}`));
    });
    for (let index = 0; index < 20; index += 1) busy.open.revoke(`${index}@example.net`);
    busy.open.together(() => {
      for (let index = 20; index < 90; index += 1) busy.open.revoke(`${index}@example.net`);
    });
    busy.open.register('a@example.net', keyOf('a'), { label: 'a label' });
    assert.equal(outside(calm), outside(busy));
  });

  test('registering and revoking look alike', () => {
    const made = make('alike');
    const change = (work: () => void) => {
      const before = new Map(made.rows('recipients').map((row) => [row.key.toString('hex'), row.value]));
      work();
      const after = made.rows('recipients');
      const gone = before.size - after.filter((row) => before.has(row.key.toString('hex'))).length;
      const rewritten = after.filter(
        (row) => before.get(row.key.toString('hex'))?.equals(row.value) === false,
      );
      return { gone, rewritten: rewritten.length, rows: after.length };
    };
    const replaced = { gone: 1, rewritten: 0, rows: 8 };
    assert.equal(
      change(() => made.open.register('alice@example.org', keyOf('a'))),
      replaced,
    );
    assert.equal(
      change(() => made.open.register('alice@example.org', keyOf('b'))),
      replaced,
    );
    assert.equal(
      change(() => made.open.register('bob@example.org', keyOf('b'))),
      replaced,
    );
    assert.equal(
      change(() => made.open.revoke('bob@example.org')),
      replaced,
    );
    const oneRewritten = { gone: 0, rewritten: 1, rows: 8 };
    assert.equal(
      change(() => made.open.revoke('alice@example.org', fingerprintOf(keyOf('a')))),
      oneRewritten,
    );
    assert.equal(
      change(() => made.open.register('alice@example.org', keyOf('b'), { label: 'x' })),
      oneRewritten,
    );
  });

  test('the same row twice, so that one who comes back is known again', () => {
    const [one, two] = [make('one'), make('two')];
    const seen = new Set<string>();
    for (let round = 0; round < 30; round += 1) {
      one.open.register('alice@example.org', keyOf('a'));
      for (const { value } of one.rows('recipients')) seen.add(value.toString('hex'));
      one.open.revoke('alice@example.org');
    }
    // 8 at first; then each registration seals one row, and each revocation one more.
    assert.is(seen.size, 8 + 30 + 29 - 1);
    two.open.register('alice@example.org', keyOf('a'));
    const keys = new Set(
      [...one.rows('recipients'), ...two.rows('recipients')].map(({ key }) => key.toString('hex')),
    );
    assert.is(keys.size, 16, 'nor in another registry');
  });

  test('a revoked key that stays in the file', () => {
    const made = make('revoked');
    const before = new Set(
      [...made.rows('recipients'), ...made.rows('keys')].map(({ key }) => key.toString('hex')),
    );
    made.open.register('alice@example.org', keyOf('a'), { label: 'laptop' });
    const added = [...made.rows('recipients'), ...made.rows('keys')].filter(
      ({ key }) => !before.has(key.toString('hex')),
    );
    assert.is(added.length, 2);
    made.open.revoke('alice@example.org');
    for (const name of readdirSync(made.folder)) {
      const bytes = readFileSync(join(made.folder, name));
      for (const { key, value } of added) {
        assert.not.ok(bytes.includes(key), `${name}: row key`);
        for (let at = 0; at + 16 <= value.length; at += 1)
          assert.not.ok(
            bytes.includes(value.subarray(at, at + 16)),
            `${name}: 16 octets of the row from ${at}`,
          );
      }
    }
  });

  test('a write that was cut off before the file was rebuilt', () => {
    const [calm, cut] = [make('calm'), make('cut')];
    cut.open.close();
    cut.sql((database) => {
      database.pragma('secure_delete = ON');
      database.exec('CREATE TABLE hole AS SELECT * FROM recipients, keys; DROP TABLE hole');
      database.exec('UPDATE state SET settled = 0');
    });
    assert.ok(cut.bytes().length > calm.bytes().length);
    cut.reopen();
    calm.reopen();
    calm.open.register('a@example.org', keyOf('a'));
    assert.equal(outside(cut), outside(calm));
  });
});
