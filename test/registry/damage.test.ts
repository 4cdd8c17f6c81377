/** Damage: a changed byte is noticed and named by its row, and never turns into another key or into no key. */
import { writeFileSync } from 'node:fs';
import { Problem } from '../../src/core/errors.js';
import { decodeBody, encodeTarget } from '../../src/registry/recipient-body.js';
import { assert, suite } from '../support/suite.js';
import { keyOf, TestRegistry } from './make-registry.js';

const alice = { localPart: 'alice', domain: 'example.org' };

suite('registry damage', (test) => {
  let made: TestRegistry;
  test.before.each(() => {
    made = new TestRegistry();
    made.open.register('alice@example.org', keyOf('a'), { label: 'laptop' });
  });
  test.after.each(() => made.end());

  function damaged(work: () => unknown, place: RegExp): void {
    assert.throws(work, (error: unknown) => {
      if (!(error instanceof Problem)) throw error;
      assert.is(error.kind, 'damage');
      assert.match(error.message, place);
      assert.not.match(error.message, /alice|example|laptop/);
      return true;
    });
  }

  /** Changes one octet of every row of a table. */
  function flip(table: 'recipients' | 'keys', at: number): void {
    const rows = made.rows(table);
    made.sql((database) => {
      for (const { key, value } of rows) {
        value[at] = (value[at] as number) ^ 1;
        database.prepare(`UPDATE ${table} SET value = ? WHERE key = ?`).run(value, key);
      }
    });
  }

  const recipientsRow = /registry\.db: recipients row [0-9a-f]{16} does not open/;
  const keysRow = /registry\.db: keys row [0-9a-f]{16} does not open/;

  test('a flipped bit in a row', () => {
    for (const at of [0, 12, 700, 1371]) {
      flip('recipients', at);
      damaged(() => made.open.lookup(alice), recipientsRow);
      damaged(() => made.open.registered('alice@example.org'), recipientsRow);
      damaged(() => made.open.register('alice@example.org', keyOf('b')), recipientsRow);
      damaged(() => made.open.revoke('alice@example.org'), recipientsRow);
      damaged(() => made.open.check(), recipientsRow);
      flip('recipients', at);
    }
    flip('keys', 500);
    damaged(() => made.open.activeKeys(), keysRow);
    damaged(() => made.open.check(), keysRow);
    flip('keys', 500);
    made.open.check();
  });

  test('a flipped bit in a row of an alias, or in one of its targets', () => {
    made.open.alias('team@example.org', ['alice@example.org']);
    const team = { localPart: 'team', domain: 'example.org' };
    assert.is(made.open.lookup(team)?.keys.length, 1);
    flip('recipients', 120);
    damaged(() => made.open.lookup(team), recipientsRow);
    damaged(() => made.open.targets('team@example.org'), recipientsRow);
    damaged(() => made.open.alias('other@example.org', ['team@example.org']), recipientsRow);
    damaged(() => made.open.removeTargets('team@example.org'), recipientsRow);
    flip('recipients', 120);
    made.open.check();
    // The body of a target whose length is beyond what a target has.
    const body = encodeTarget({ target: 'alice@example.org', registeredAt: 1 });
    assert.ok(decodeBody(body));
    body[96] = 2;
    assert.is(decodeBody(body), undefined);
    body[0] = 4;
    assert.is(decodeBody(body), undefined);
  });

  test('rows that changed places', () => {
    made.open.register('bob@example.org', keyOf('b'));
    for (const table of ['recipients', 'keys'] as const) {
      const rows = made.rows(table);
      made.sql((database) => {
        for (const [index, { key }] of rows.entries())
          database
            .prepare(`UPDATE ${table} SET value = ? WHERE key = ?`)
            .run(rows[(index + 1) % rows.length]?.value, key);
      });
    }
    damaged(() => made.open.lookup(alice), recipientsRow);
    damaged(() => made.open.activeKeys(), keysRow);
  });

  test('rows of another size, rows too many, rows too few', () => {
    made.sql((database) => database.exec('UPDATE recipients SET value = substr(value, 1, 100)'));
    damaged(() => made.open.lookup(alice), recipientsRow);
    made.end();
    made = new TestRegistry('more');
    made.sql((database) => database.exec('INSERT INTO recipients VALUES (zeroblob(32), zeroblob(1372))'));
    damaged(() => made.open.check(), /table recipients has not the rows/);
    made.end();
    made = new TestRegistry('fewer');
    made.open.register('alice@example.org', keyOf('a'));
    for (const { key } of made.rows('keys')) {
      made.sql((database) => database.prepare('DELETE FROM keys WHERE key = ?').run(key));
      damaged(() => made.open.check(), /table keys has not the rows/);
    }
    damaged(() => made.open.revoke('alice@example.org'), /keys row [0-9a-f]{16} is missing/);
  });

  test('a damaged state row', () => {
    const sealed = made.sql(
      (database) => database.prepare('SELECT sealed FROM state').pluck().get() as Buffer,
    );
    for (const at of [40, 60, sealed.length - 1]) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] as number) ^ 0x80;
      made.sql((database) => database.prepare('UPDATE state SET sealed = ?').run(changed));
      damaged(() => made.reopen(), /registry\.db: state row does not open/);
    }
    made.sql((database) => database.exec('DELETE FROM state'));
    damaged(() => made.reopen(), /registry\.db: state row does not open/);
  });

  test('a damaged file', () => {
    made.open.close();
    const bytes = made.bytes();
    for (let page = 1; page * 16384 < bytes.length; page += 1)
      bytes.fill(0x5a, page * 16384, page * 16384 + 64);
    writeFileSync(made.path, bytes);
    damaged(() => made.reopen(), /registry\.db: damaged registry/);
  });
});
