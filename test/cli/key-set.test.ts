/** Key sets at the command line: a key that was added, or taken away, shows from the next mail on, and is told once. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Installation, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';

async function send(port: number, to: string, subject: string): Promise<void> {
  const wire = await Wire.to(port);
  await wire.hello();
  const content = Buffer.from(`Subject: ${subject}\r\n\r\n${subject}\r\n`);
  wire.must(await wire.deliver({ from: 'a@example.net', to: [to], content }), '250');
  await wire.quit();
}

const isOther =
  /^obalka: ann@example\.org: other keys from mail ([a-z2-7]{13}) on: (.*) \(key set ([a-z2-7-]{19}), before ([a-z2-7-]{19})\)$/gm;

suite('key sets at the command line', (test) => {
  test('others get the mail of an address from now on, and its owner is not told, or told for ever', () =>
    within(Installation.with('ann@example.org', 'bob@example.org'), async (made) => {
      const server = await made.serve();
      const words = ['list', '--identity', 'ann'] as const;
      const told = async (...more: readonly string[]) => {
        const { code, stderr } = await made.run(...words, ...more);
        assert.is(code, 0, stderr);
        return [...stderr.matchAll(isOther)].map(([, id = '', who = '', now = '', before = '']) => ({
          id,
          who,
          now,
          before,
        }));
      };
      const lines = async () =>
        (await made.must(...words, '--json', '--pins', 'none'))
          .split('\n')
          .filter(Boolean)
          .map(
            (line) => JSON.parse(line) as { id: string; subject: string; keySet: string; flags: string[] },
          );

      await send(server.port, 'ann@example.org', 'one');
      await send(server.port, 'Ann@EXAMPLE.org', 'two');
      assert.equal(await told(), [], 'another spelling is no other address');
      await made.must('register', 'ann@example.org', '--key', 'bob.pub');
      await send(server.port, 'ann@example.org', 'three');
      await send(server.port, 'ann@example.org', 'four');
      const [first, ...more] = await told();
      const [one, two, notice, three, four] = await lines();
      assert.equal(more, []);
      assert.is(first?.who, 'others open it too');
      assert.equal([first?.id, first?.before, first?.now], [three?.id, one?.keySet, three?.keySet]);
      assert.equal(
        [one, two, notice, three, four].map((line) => line?.flags.filter((flag) => flag !== 'unread')),
        [[], [], ['notice'], ['shared-address', 'keys-changed'], ['shared-address']],
      );
      assert.equal([two?.keySet, notice?.keySet, four?.keySet], [one?.keySet, one?.keySet, three?.keySet]);
      assert.equal(await told(), [], 'told twice');
      assert.is((await told('--pins', 'none')).length, 1, 'nothing is remembered without pins');
      assert.is((await told('--pins', 'other.json')).length, 1, 'another reader was not told');

      // Back to the same keys between two readings: both changes are told.
      await made.must('revoke', 'ann@example.org', '--key', 'bob.pub');
      await send(server.port, 'ann@example.org', 'five');
      await made.must('register', 'ann@example.org', '--key', 'bob.pub');
      await send(server.port, 'ann@example.org', 'six');
      await made.must('revoke', 'ann@example.org', '--key', 'bob.pub');
      await send(server.port, 'ann@example.org', 'seven');
      const { stdout, stderr } = await made.run(...words);
      const who = [...stderr.matchAll(isOther)].map((found) => found[2]);
      assert.equal(who, ['your key alone opens it', 'others open it too', 'your key alone opens it']);
      assert.match(stderr, /^obalka: if you did not expect that, ask whoever runs the server, /m);
      const marks = stdout
        .toString()
        .split('\n')
        .map((line) => line[14]);
      assert.is(marks.join(''), '  #! #!#!#!');

      const seven = (await lines()).find(({ subject }) => subject === 'seven');
      const shown = await made.must('read', seven?.id as string, '--identity', 'ann');
      assert.match(
        shown,
        `Keys:     ${one?.keySet}, yours alone; other keys than before (${three?.keySet})\n`,
      );
      const json = JSON.parse(await made.must('read', '--json', three?.id as string, '--identity', 'ann'));
      assert.equal([json.keySet, json.flags], [three?.keySet, three?.flags]);

      // The other reader of the address has one key set there, whatever was before: the first that he saw.
      const bob = await made.run('list', '--identity', 'bob');
      assert.not.match(bob.stderr, isOther);
      assert.is((await server.stop()).code, 0);

      const pins = join(made.folder, 'home/.local/state/obalka/pins.json');
      const kept = readFileSync(pins, 'utf8');
      for (const word of ['ann@', 'example', one?.keySet as string, three?.id as string])
        assert.not.ok(kept.includes(word), `${word} stands in the file of pins`);
      const file = JSON.parse(kept) as { keySets: { name: string; sealed: string }[] };
      assert.is(file.keySets.length, 2);
      const [mine] = file.keySets as [{ name: string; sealed: string }];
      const bent = Buffer.from(mine.sealed, 'base64');
      bent[40] = (bent[40] as number) ^ 1;
      mine.sealed = bent.toString('base64');
      writeFileSync(pins, JSON.stringify(file));
      const damaged = await made.run(...words);
      assert.equal([damaged.code, damaged.stdout.length], [1, 0]);
      assert.match(
        damaged.stderr,
        /^obalka: \/\S+\/pins\.json: damaged pins: key sets [0-9a-f]{32}: does not open: it was changed; /,
      );
      rmSync(pins);
    }));
});
