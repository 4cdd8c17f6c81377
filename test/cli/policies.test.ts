/** Policies at the command line: lists that are read again, and headers that are none. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Installation, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { Wire } from '../support/wire.js';

const good = Buffer.from('From: a@example.net\r\nDate: Sat, 21 Nov 2026 00:00:00 +0000\r\n\r\nhello\r\n');

async function send(port: number, from: string, content = good): Promise<string> {
  const wire = await Wire.to(port);
  await wire.hello('client.example');
  const reply = await wire.deliver({ from, to: ['ann@example.org'], content }).catch(String);
  await wire.quit().catch(() => undefined);
  return reply;
}

suite('policies at the command line', (test) => {
  test('a list that changed holds on as it was, or a bad one lets everybody in', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const deny = join(made.folder, 'deny.txt');
      writeFileSync(deny, 'spam.example\n');
      const server = await made.serve('--deny', deny);
      assert.match(await send(server.port, 'a@spam.example'), /550 5\.7\.1/);
      assert.match(await send(server.port, 'a@other.example'), /^250 /);
      const again = async (text: string, words: string) => {
        writeFileSync(deny, text);
        server.signal('SIGHUP');
        await until(
          () => `${words}: not in ${server.stderr}`,
          () => server.stderr.includes(words),
        );
      };
      await again('other.example\n', 'lists read again');
      assert.match(await send(server.port, 'a@other.example'), /550 5\.7\.1/);
      assert.match(await send(server.port, 'a@spam.example'), /^250 /);
      await again('other.example\n@@\n', 'lists not read again');
      assert.match(server.stderr, /lists-kept: .* \(mistake, line 2\)$/m);
      assert.match(await send(server.port, 'a@other.example'), /550 5\.7\.1/);
    }));

  test('a list that cannot be read starts a server without it', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      writeFileSync(join(made.folder, 'bad.txt'), '192.0.2.7/24\n');
      for (const [file, words] of [
        ['missing.txt', /missing\.txt: the list cannot be read \(ENOENT\)/],
        ['bad.txt', /bad\.txt, line 1: .*bits set/],
      ] as const) {
        const { code, stderr } = await made.run('serve', '--listen', '127.0.0.1:0', '--allow', file);
        assert.is.not(code, 0);
        assert.match(stderr, words);
      }
    }));

  test('a header that is none is taken, or refused although nobody asked for that', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const bad = Buffer.from('no header\r\n\r\nhello\r\n');
      const strict = await made.serve('--check-headers');
      assert.match(await send(strict.port, '', bad), /550 5\.6\.0/);
      assert.match(await send(strict.port, ''), /^250 /);
      await strict.stop();
      const lax = await made.serve();
      assert.match(await send(lax.port, '', bad), /^250 /);
      await lax.stop();
      const lines = (await made.must('list', '--json', '--identity', 'ann')).trim().split('\n');
      assert.is(lines.length, 2);
    }));
});
