/** obalka erase, through the program: the mail is gone for its owner, for good, and for nobody else. */
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Installation, within } from '../support/installation.js';
import type { Server } from '../support/server.js';
import { assert, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';

const both = () => Installation.with('ann@example.org', 'bob@example.org');

async function send(server: Server, to: readonly string[], ...subjects: readonly string[]): Promise<void> {
  const wire = await Wire.to(server.port);
  await wire.hello();
  for (const subject of subjects) {
    const content = Buffer.from(`Subject: ${subject}\r\n\r\nbody of ${subject}\r\n`);
    wire.must(await wire.deliver({ from: 'c@example.net', to, content }), '250');
  }
  await wire.quit();
}

/** Subject → id. */
async function listed(made: Installation, owner: string): Promise<Record<string, string>> {
  const text = await made.must('list', '--json', '--identity', owner);
  const mails = text.split('\n').filter(Boolean);
  return Object.fromEntries(mails.map((line) => JSON.parse(line)).map(({ subject, id }) => [subject, id]));
}

suite('erase', (test) => {
  test('an erased mail can be read again, its fellow recipient loses it, or the journal looks damaged', () =>
    within(both(), async (made) => {
      const server = await made.serve();
      await send(server, ['ann@example.org', 'bob@example.org'], 'shared', 'other');
      await send(server, ['ann@example.org'], 'alone');
      const before = await listed(made, 'ann');
      const { shared = '', alone = '' } = before;
      const erased = await made.run('erase', shared, alone, '--identity', 'ann');
      assert.is(erased.code, 0, erased.stderr);
      assert.match(
        erased.stderr,
        new RegExp(`^${shared}: erased; nobody else opens it through this address`, 'm'),
      );
      for (const running of [true, false]) {
        if (!running) await server.stop();
        assert.equal(Object.keys(await listed(made, 'ann')), ['other']);
        for (const words of [
          ['read', shared],
          ['read', '--raw', shared],
          ['read', alone],
        ]) {
          const read = await made.run(...words, '--identity', 'ann');
          assert.equal([read.code, read.stdout.length], [3, 0]);
          assert.match(read.stderr, /: this mail was erased$/m);
        }
        assert.match(
          await made.must('read', (await listed(made, 'bob')).shared as string, '--identity', 'bob'),
          /body of shared/,
        );
        const verified = await made.must('verify', '--json', '--identity', 'ann', '--identity', 'bob');
        assert.equal([JSON.parse(verified).faults, JSON.parse(verified).erased], [[], 2]);
      }
      const again = await made.run('erase', shared, '--identity', 'ann');
      assert.equal([again.code, /was erased before/.test(again.stderr)], [0, true]);
    }));

  test('without a server, through an order from elsewhere, or twice: it fails, or erases something else', () =>
    within(both(), async (made) => {
      const server = await made.serve();
      await send(server, ['ann@example.org', 'bob@example.org'], 'first', 'second', 'third');
      await server.stop();
      const { first = '', second = '', third = '' } = await listed(made, 'ann');
      assert.is((await made.run('erase', first, '--identity', 'ann', '--json')).code, 0);
      cpSync(join(made.data, 'journal'), join(made.folder, 'copy'), { recursive: true });
      const order = await made.bare(
        'erase',
        second,
        '--identity',
        'ann',
        '--data',
        'copy',
        '--order-to',
        'order',
      );
      assert.is(order.code, 0, order.stderr);
      assert.is(statSync(join(made.folder, 'order')).mode & 0o777, 0o600);
      assert.equal(Object.keys(await listed(made, 'ann')), ['second', 'third']);
      for (const result of ['1 envelope erased', '0 envelopes erased, 1 were erased before']) {
        const done = await made.run('erase', '--order', 'order');
        assert.equal([done.code, done.stderr.trim()], [0, result]);
      }
      assert.equal(Object.keys(await listed(made, 'ann')), ['third']);
      assert.equal(Object.keys(await listed(made, 'bob')), ['first', 'second', 'third']);
      assert.ok(third);
    }));

  test('what is not named wholly, not there, not mine, or no order, is taken', () =>
    within(both(), async (made) => {
      const server = await made.serve();
      await send(server, ['ann@example.org', 'bob@example.org'], 'mail');
      const { mail = '' } = await listed(made, 'ann');
      const order = (await made.run('erase', mail, '--identity', 'ann', '--order-to', '-')).stdout.toString();
      const forged = order.replace(/[0-9a-f]{64}/, 'ab'.repeat(32));
      writeFileSync(join(made.folder, 'forged'), forged);
      writeFileSync(join(made.folder, 'nonsense'), 'nonsense\n');
      for (const [words, code, said] of [
        [[mail.slice(0, 6), '--identity', 'ann'], 2, /give all 13 letters/],
        [['abcdefghijklm', '--identity', 'ann'], 3, /no mail with this id/],
        [[mail, '--identity', 'bob'], 3, /no mail with this id/],
        [['--identity', 'ann'], 2, /name at least one mail/],
        [['--order', 'forged'], 1, /does not prove/],
        [['--order', 'nonsense'], 2, /line 1: this is not an order/],
        [['--order', 'missing'], 1, /cannot be read/],
        [[mail, '--order', 'forged'], 2, /give --order alone/],
      ] as const) {
        const ended = await made.run('erase', ...words);
        assert.equal([ended.code, said.test(ended.stderr)], [code, true], `${words}: ${ended.stderr}`);
      }
      assert.equal(Object.keys(await listed(made, 'ann')), ['mail']);
    }));

  test('the key of the mail is still somewhere in the data directory', () =>
    within(both(), async (made) => {
      const server = await made.serve();
      await send(server, ['ann@example.org'], 'gone');
      const cells = () => {
        const names = readdirSync(made.data, { recursive: true, encoding: 'utf8' });
        const files = names.map((name) => join(made.data, name)).filter((name) => statSync(name).isFile());
        return new Map(files.map((name) => [name, readFileSync(name)]));
      };
      const before = cells();
      const { gone = '' } = await listed(made, 'ann');
      await made.must('erase', gone, '--identity', 'ann');
      await server.stop();
      const [envelopes] = [...before.keys()].filter((name) => name.endsWith('/envelopes'));
      const old = before.get(envelopes as string) as Buffer;
      const now = cells().get(envelopes as string) as Buffer;
      const changed: number[] = [];
      for (let at = 4096; at + 1280 <= old.length; at += 1280)
        if (!old.subarray(at, at + 1280).equals(now.subarray(at, at + 1280))) changed.push(at);
      assert.is(changed.length, 1, 'one cell is another');
      // Any 64 octets of what was sealed there would be found again wherever they were copied to.
      const sealed = old.subarray((changed[0] as number) + 96, (changed[0] as number) + 160);
      for (const [name, bytes] of cells()) assert.is(bytes.indexOf(sealed), -1, name);
    }));
});
