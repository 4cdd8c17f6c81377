/** An administrator's own list through the program: made so, shown again, pruned, and nothing of it by half. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePublicKey, identityOf } from '../../src/seal/keys.js';
import { bytesFrom } from '../support/chance.js';
import { Installation, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';

const list = [
  'address,key,alias,label,from,until',
  '# the office',
  'ann@example.org,ann.pub,,"laptop, old",,2030-01-01',
  'ann@example.org,bob.pub,,"said ""new""",2026-12-24T12:00:00Z,',
  'bob@example.org,bob.pub,,,,',
  '"""two words""@example.org",bob.pub,,,,',
  '',
  'all@example.org,,team@example.org,,,',
  'team@example.org,,ann@example.org,,,',
  'team@example.org,,"""two words""@example.org",,,',
  '*@example.org,,bob@example.org,,,',
  'gone@example.org,,,,,',
].join('\r\n');

suite('lists at the command line', (test) => {
  for (const isRunning of [false, true])
    test(`a list is not what is registered after it (${isRunning ? 'with' : 'without'} a server)`, () =>
      within(Installation.with('ann@example.net', 'bob@example.net'), async (made) => {
        const at = (name: string) => join(made.folder, name);
        writeFileSync(at('list.csv'), list);
        if (isRunning) await made.serve();
        const before = readFileSync(join(made.data, 'registry.sqlite'));
        const dry = await made.must('register', '--list', 'list.csv', '--dry-run');
        assert.ok(readFileSync(join(made.data, 'registry.sqlite')).equals(before), 'a dry run writes');
        const done = await made.run('register', '--list', 'list.csv');
        assert.is(done.code, 0, done.stderr);
        assert.is(done.stdout.toString(), dry);
        assert.is(dry.trim().split('\n').length, 8);
        assert.match(dry, /^register ann@example\.org \w{4}-/m);
        assert.match(dry, /^alias team@example\.org "two words"@example\.org$/m);
        // Again, and from what is shown of it: nothing differs, and nothing is written.
        const written = readFileSync(join(made.data, 'registry.sqlite'));
        const exported = await made.must('registered', '--list', 'list.csv');
        writeFileSync(at('shown.csv'), exported);
        for (const file of ['list.csv', 'shown.csv']) {
          const again = await made.run('register', '--list', file, '--prune');
          assert.equal([again.code, again.stdout.toString()], [0, ''], again.stderr);
          assert.match(again.stderr, /nothing to change/);
        }
        assert.ok(readFileSync(join(made.data, 'registry.sqlite')).equals(written));
        assert.match(exported, /^gone@example\.org,,,,,$/m);
        assert.match(exported, /^ann@example\.org,age1pq1\w+,,"laptop, old",,2030-01-01T00:00:00Z$/m);
        assert.match(exported, /^ann@example\.org,age1pq1\w+,,"said ""new""",2026-12-24T12:00:00Z,$/m);
        assert.is(await made.must('registered', '--list', 'shown.csv'), exported);
        const json = await made.must('registered', 'ann@example.org', '--json');
        assert.match(json, /"label":"laptop, old","from":null,"until":"2030-01-01T00:00:00Z"/);
      }));

  test('a list of more octets than a usual question has does not reach the server', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const keys = Array.from(
        { length: 450 },
        (_, index) => identityOf(bytesFrom(`listed ${index}`, 32)).publicKey,
      );
      const lines = keys.map((key, index) => `u${index}@example.org,${encodePublicKey(key)}`);
      writeFileSync(join(made.folder, 'long.csv'), ['address,key', ...lines].join('\n'));
      const server = await made.serve();
      const { code, stderr } = await made.run('register', '--list', 'long.csv');
      assert.is(code, 0, stderr);
      assert.match(stderr, /450 changes made/);
      const wire = await Wire.to(server.port);
      await wire.hello();
      wire.must(
        await wire.deliver({ from: '', to: ['u449@example.org'], content: Buffer.from('a: b\r\n\r\n') }),
        '250',
      );
      await wire.quit();
    }));

  test('what a list no longer has stays registered, or what it never knew goes', () =>
    within(
      Installation.with('ann@example.org', 'bob@example.org', 'eve@example.net', 'dan@example.org'),
      async (made) => {
        const write = (name: string, ...lines: string[]) =>
          writeFileSync(join(made.folder, name), ['address,key,alias', ...lines].join('\n'));
        write('old.csv', 'ann@example.org,ann.pub,', 'bob@example.org,bob.pub,', 'dan@example.org,dan.pub,');
        write('new.csv', 'ann@example.org,ann.pub,', 'dan@example.org,,ann@example.org');
        const server = await made.serve();
        // An address has keys or targets: without --prune this is refused, whole.
        const mixed = await made.run('register', '--list', 'new.csv');
        assert.is(mixed.code, 2);
        assert.match(mixed.stderr, /dan@example\.org: has a key/);
        const changed = await made.must('register', '--list', 'new.csv', '--prune', 'old.csv', '--json');
        assert.equal(
          changed
            .trim()
            .split('\n')
            .map((line) => {
              const { change, address } = JSON.parse(line) as { change: string; address: string };
              return `${change} ${address}`;
            }),
          ['revoke dan@example.org', 'revoke bob@example.org', 'alias dan@example.org'],
        );
        const wire = await Wire.to(server.port);
        await wire.hello();
        wire.must(await wire.command('MAIL FROM:<>'), '250');
        for (const [name, code] of [
          ['ann@example.org', '250'],
          ['dan@example.org', '250'],
          ['bob@example.org', '550'],
          ['eve@example.net', '250'],
        ] as const)
          wire.must(await wire.command(`RCPT TO:<${name}>`), code);
        await wire.abandon();
      },
    ));

  test('a bad list is taken by half, or refused without its line', () =>
    within(Installation.with('ann@example.org', 'bob@example.org'), async (made) => {
      const before = readFileSync(join(made.data, 'registry.sqlite'));
      const refused = async (text: string, code: number, words: RegExp) => {
        writeFileSync(join(made.folder, 'bad.csv'), text);
        const ended = await made.run('register', '--list', 'bad.csv');
        assert.is(ended.code, code, ended.stderr);
        assert.match(ended.stderr, words);
        assert.match(ended.stderr, /^obalka: [^\n]+\n$/);
        assert.ok(readFileSync(join(made.data, 'registry.sqlite')).equals(before), text);
      };
      const good = 'address,key,alias\nnew@example.org,ann.pub,\n';
      await refused('', 2, /bad\.csv: an empty file/);
      await refused('address,ky\n', 2, /line 1: "ky" is no column/);
      await refused('key\n', 2, /line 1: each column once/);
      await refused(`${good}x@example.org,ann.pub\n`, 2, /line 3: 2 fields/);
      await refused(`${good}nobody,ann.pub,\n`, 2, /line 3: .* is not an address/);
      await refused(`${good}x@example.org,none.pub,\n`, 3, /line 3: .*none\.pub/);
      await refused(`${good}x@example.org,ann.pub,ann@example.org\n`, 2, /line 3: a key or an alias/);
      await refused(`${good}x@example.org,"ann.pub,\n`, 2, /line 3: a quote/);
      await refused(`${good}NEW@example.org,ann.pub,\n`, 2, /twice/);
      await refused(`${good}x@example.org,,y@example.org\n`, 3, /y@example\.org: no key/);
      await refused(`${good}x@example.org,,y@example.org\ny@example.org,,x@example.org`, 2, /circle/);
      await refused(
        'address,key,until\nann@example.org,ann.pub,tomorrow',
        2,
        /line 2: until tomorrow: not a time/,
      );
      for (const args of [
        ['register', 'ann@example.org', '--list', 'bad.csv'],
        ['register', '--prune', '--key', 'ann.pub'],
        ['register'],
        ['registered'],
        ['registered', 'ann@example.org', '--list', 'bad.csv'],
      ])
        assert.is((await made.run(...args)).code, 2, args.join(' '));
    }));
});
