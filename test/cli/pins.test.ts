/** Pins at the command line: what was seen once is remembered, and its loss is told in plain words, with exit code 5. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeIdentity } from '../../src/seal/keys.js';
import { alice, list, toAlice, withJournal } from '../reader/make-journal.js';
import { bytesFrom } from '../support/chance.js';
import { Installation, within } from '../support/installation.js';
import { signLane } from '../support/sign-journal.js';
import { assert, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';

async function send(made: Installation, words: string): Promise<void> {
  const server = await made.serve();
  const wire = await Wire.to(server.port);
  await wire.hello();
  const content = Buffer.from(`Subject: ${words}\r\n\r\n${words}\r\n`);
  wire.must(await wire.deliver({ from: '', to: ['ann@example.org'], content }), '250');
  await wire.quit();
  assert.is((await server.stop()).code, 0);
}

function laneOf(journal: string): string {
  return join(journal, readdirSync(journal).find((name) => name.startsWith('lane-')) as string);
}

suite('pins at the command line', (test) => {
  test('an old copy is put back, and nobody who read before is told', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const pins = join(made.folder, 'home/.local/state/obalka/pins.json');
      await send(made, 'first');
      cpSync(made.data, join(made.folder, 'old'), { recursive: true });
      await send(made, 'second');
      const words = ['list', '--identity', 'ann'] as const;

      // Nothing is remembered where that is switched off.
      const without = await made.run(...words, '--pins', 'none');
      assert.equal([without.code, without.stderr], [0, '']);
      assert.not(existsSync(pins));
      const first = await made.run(...words);
      assert.equal([first.code, first.stderr], [0, '']);
      const remembered = readFileSync(pins, 'utf8');
      assert.match(remembered, /segment 1\\n/);

      const back = await made.bare(...words, '--data', 'old');
      assert.is(back.code, 5);
      assert.match(back.stdout.toString(), /^[a-z2-7]{13} .* first\n$/, 'the list is still printed');
      assert.match(
        back.stderr,
        /^obalka: lane [0-9a-f]{8}, segment 1: was there when it was last read, and is gone: deletion$/m,
      );
      assert.match(back.stderr, new RegExp(`^obalka: this journal is not the one .* move ${pins} away`, 'm'));
      const verified = await made.bare('verify', '--data', 'old');
      assert.is(verified.code, 5);
      assert.match(verified.stderr, /^lane [0-9a-f]{8}, segment 1: .* deletion$/m);
      const id = back.stdout.toString().slice(0, 13);
      const read = await made.bare('read', id, '--identity', 'ann', '--data', 'old');
      assert.match(read.stdout.toString(), /first/, 'the mail is still shown');
      assert.is(read.code, 5);
      assert.is(readFileSync(pins, 'utf8'), remembered, 'a reader that found a fault renewed the pin');

      // Whoever does not remember is not told.
      const others = await made.bare(...words, '--data', 'old', '--pins', 'other.json');
      assert.equal([others.code, others.stderr], [0, '']);
      assert.match(readFileSync(join(made.folder, 'other.json'), 'utf8'), /segment 0\\n/);
      // They see the journal go on.
      const on = await made.run(...words, '--pins', 'other.json');
      assert.equal([on.code, on.stderr], [0, '']);
      assert.match(readFileSync(join(made.folder, 'other.json'), 'utf8'), /segment 1\\n/);
    }));

  test('a file of pins that is damaged is passed over, or what was not checked is not said', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      await send(made, 'one');
      await send(made, 'two');
      rmSync(join(laneOf(join(made.data, 'journal')), 'segment-00000001/checkpoint'));
      const verified = await made.run('verify', '--json');
      assert.is(verified.code, 0, verified.stderr);
      const result = JSON.parse(verified.stdout.toString());
      assert.equal([result.segments, result.dropped, result.faults], [2, 0, []]);
      assert.ok(result.uncovered > 0);
      assert.match(result.notChecked.join('\n'), /cells are covered by no checkpoint/);
      const plain = await made.run('verify');
      assert.match(plain.stderr, /^not checked: \d+ cells are covered by no checkpoint/m);

      const pins = join(made.folder, 'home/.local/state/obalka/pins.json');
      writeFileSync(pins, 'nothing of the kind');
      for (const words of [['list', '--identity', 'ann'], ['verify']]) {
        const { code, stdout, stderr } = await made.run(...words);
        assert.equal([code, stdout.toString()], [1, '']);
        assert.match(stderr, new RegExp(`^obalka: ${pins}: damaged pins: not JSON; put back .*\n$`));
      }
      rmSync(pins);
    }));

  test('an expired mail is listed, shown, or called damaged', () =>
    withJournal(
      async (office, journal) => {
        await office.send([toAlice], bytesFrom('over two segments', 100_000));
        for (const words of ['two', 'three']) await office.send([toAlice], bytesFrom(words, 30_000));
        await office.close();
        const before = (await list(journal, [alice])).contents.mails.map(({ id }) => id);
        signLane(journal.lane);
        for (const segment of [0, 1])
          for (const name of readdirSync(journal.file('', segment)))
            if (name !== 'checkpoint') rmSync(journal.file(name, segment));
        const [expired] = (await list(journal, [alice])).contents.expired;
        assert.ok(expired);
        assert.ok(before.includes(expired.mail.id));
        await within(Installation.empty(), async (made) => {
          writeFileSync(made.identity('alice'), `${encodeIdentity(alice.seed)}\n`, { mode: 0o600 });
          const from = ['--identity', 'alice', '--data', journal.path];
          const listed = await made.bare('list', ...from);
          assert.equal([listed.code, listed.stdout.includes(expired.mail.id)], [0, false]);
          assert.match(listed.stderr, /^1 mail is expired: what held the content was dropped$/m);
          const read = await made.bare('read', expired.mail.id.slice(0, 6), ...from);
          assert.is(read.code, 3);
          assert.match(
            read.stderr,
            new RegExp(
              `^obalka: ${expired.mail.id}: this mail is expired: its content was in segment 1, which was dropped$`,
              'm',
            ),
          );
          const verified = await made.bare('verify', ...from);
          assert.is(verified.code, 0, verified.stderr);
          assert.match(verified.stdout.toString(), /, 2 segments dropped$/m);
          assert.match(verified.stdout.toString(), /^2 mails opened whole, 1 expired$|, 1 expired$/m);
        });
      },
      { maxStreamSize: 4 * 16_384 },
    ));
});
