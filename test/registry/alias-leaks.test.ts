/** What a thief of the database sees of aliases: what he would see of keys. */
import { PaddedTable } from '../../src/registry/padded-table.js';
import { fingerprintOf } from '../../src/seal/keys.js';
import { assert, suite } from '../support/suite.js';
import { keyOf, TestRegistry } from './make-registry.js';
import { grep, outside } from './thief-view.js';

suite('alias leaks', (test) => {
  const registries: TestRegistry[] = [];
  const make = (seed: string): TestRegistry => {
    const made = new TestRegistry(seed);
    registries.push(made);
    return made;
  };
  test.after.each(() => {
    for (const made of registries.splice(0)) made.end();
  });

  test('an alias shows in the file', () => {
    const [keys, aliases] = [make('keys'), make('aliases')];
    for (const { open } of [keys, aliases])
      for (const name of ['a', 'b', 'c']) open.register(`${name}@example.org`, keyOf(name));
    for (let index = 0; index < 9; index += 1) keys.open.register(`${index}@example.net`, keyOf('a'));
    aliases.open.alias('*', ['a@example.org']);
    aliases.open.alias(`${'long'.repeat(16)}@${'domain.'.repeat(30)}example`, [
      'a@example.org',
      'b@example.org',
    ]);
    aliases.open.alias('team@example.org', ['c@example.org', 'a+b@example.org', 'b@example.org']);
    for (const name of ['x', 'y', 'z']) aliases.open.alias(`${name}@example.org`, ['team@example.org']);
    assert.equal(outside(aliases), outside(keys));
    assert.is(aliases.rows('recipients').length, 16);
    grep(aliases.folder, ['team@example.org', 'example.org', 'domain.domain', 'longlonglong']);
  });

  test('giving an alias a target, or taking one away, looks otherwise than a key that others have', () => {
    const made = make('targets');
    for (const name of ['a', 'b']) made.open.register(`${name}@example.org`, keyOf(name));
    const change = (work: () => void) =>
      (['recipients', 'keys'] as const).map((table, _, tables) => {
        const before = new Map(made.rows(table).map(({ key, value }) => [key.toString('hex'), value]));
        if (table === tables[0]) {
          changedKeys = new Map(made.rows('keys').map(({ key, value }) => [key.toString('hex'), value]));
          work();
        }
        const then = table === 'keys' ? changedKeys : before;
        const after = made
          .rows(table)
          .map(({ key, value }) => ({ before: then.get(key.toString('hex')), value }));
        return {
          gone: after.filter((row) => !row.before).length,
          rewritten: after.filter((row) => row.before?.equals(row.value) === false).length,
        };
      });
    let changedKeys = new Map<string, Buffer>();
    const pairs: [key: () => void, alias: () => void][] = [
      [
        () => made.open.register('one@example.org', keyOf('a')),
        () => made.open.alias('two@example.org', ['a@example.org']),
      ],
      [
        () => made.open.register('one@example.org', keyOf('b')),
        () => made.open.alias('two@example.org', ['b@example.org']),
      ],
      [
        () => made.open.revoke('one@example.org', fingerprintOf(keyOf('a'))),
        () => made.open.removeTargets('two@example.org', ['a@example.org']),
      ],
      [() => made.open.revoke('one@example.org'), () => made.open.revoke('two@example.org')],
    ];
    for (const [key, alias] of pairs) {
      const seen = change(key);
      assert.is((seen[0]?.gone ?? 0) + (seen[0]?.rewritten ?? 0) > 0, true);
      assert.is(seen[1]?.rewritten, 1);
      assert.equal(change(alias), seen, alias.toString());
    }
  });

  test('a look-up asks for other rows when something else is registered', () => {
    const asked: number[] = [];
    const find = PaddedTable.prototype.find;
    PaddedTable.prototype.find = function (rows) {
      asked.push(rows.length);
      return find.call(this, rows);
    };
    try {
      const made = make('asked');
      const rounds = [
        () => undefined,
        () => made.open.register('*', keyOf('s')),
        () => made.open.register('*@example.org', keyOf('d')),
        () => made.open.register('alice@example.org', keyOf('a')),
        () => made.open.register('alice+x@example.org', keyOf('x')),
        () => made.open.register('alice+x@example.org', keyOf('y')),
      ];
      for (const round of rounds) {
        round();
        made.open.lookup({ localPart: 'alice', domain: 'example.org' });
        made.open.lookup({ localPart: 'Alice+x', domain: 'Example.org' });
      }
      assert.equal(
        asked,
        rounds.flatMap(() => [6, 8]),
      );
    } finally {
      PaddedTable.prototype.find = find;
    }
  });
});
