/** A server with a configuration: what it says holds, and what of it a running server takes anew. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { selfSigned } from '../../../src/net/certificate.js';
import { Installation, within } from '../../support/installation.js';
import type { Server } from '../../support/server.js';
import { assert, suite } from '../../support/suite.js';
import { quickest, until } from '../../support/until.js';
import { Wire } from '../../support/wire.js';
import { workersOf } from '../../support/worker-processes.js';

const ann = 'ann@example.org';
const content = Buffer.from('no header\r\n\r\nhello\r\n');

function start(made: Installation, words = ''): Server {
  return made.startShell(`exec "$NODE" "$OBALKA" serve --config o.toml ${words}`);
}

async function reply(where: number | string, from = 'a@example.net', to = ann): Promise<string> {
  const wire = await Wire.to(where);
  await wire.hello();
  const said = await wire.deliver({ from, to: [to], content });
  await wire.quit();
  return said.slice(0, 9);
}

/** Waits until the server has said so many lines with these words. */
async function said(server: Server, words: string, times = 1): Promise<void> {
  await until(
    () => `${words}: not in ${server.stderr}`,
    () => server.stderr.split(words).length > times,
  );
}

suite('a server with a configuration', (test) => {
  test('a key that the server reads before it begins has no effect, or an option has none over it', () =>
    within(Installation.with(ann), async (made) => {
      writeFileSync(
        join(made.folder, 'o.toml'),
        [
          'data = "data"',
          '[serve]',
          'listen = ["127.0.0.1:0", "lmtp://unix:lmtp.sock"]',
          'hostname = "mx.example.org"',
          'max-size = 4242',
          'tls = "none"',
          'workers = 2',
          'drain-seconds = 0',
          'limits.recipients = 123',
        ].join('\n'),
      );
      let server = start(made, '--max-size 5000');
      await server.listening(2);
      assert.match(server.stdout, /^listening smtp 127.*\nlistening lmtp unix:lmtp\.sock\n$/);
      const wire = await Wire.to(server.port);
      const hello = await wire.hello();
      assert.match(hello, /^250-mx\.example\.org\n/);
      assert.match(hello, /\n250-SIZE 5000\n/);
      assert.match(hello, /RCPTMAX=123\n/);
      assert.not.match(hello, /STARTTLS/);
      await wire.quit();
      // A transaction is under way: the server would wait ten seconds for it.
      const begun = async () => {
        const other = await Wire.to(server.port);
        await other.hello();
        other.must(await other.command('MAIL FROM:<>'), '250');
      };
      const again = async () => {
        server = start(made);
        await server.listening(2);
        await begun();
      };
      await begun();
      const stopped = await quickest(8000, async () => assert.is((await server.stop()).code, 0), again);
      assert.ok(stopped < 8000, `stopped in ${stopped} ms`);
    }));

  for (const workers of [1, 2])
    test(`what changes is not taken, or what is not taken is not said (${workers} at work)`, () =>
      within(Installation.with(ann), async (made) => {
        const write = (...lines: readonly string[]) =>
          writeFileSync(
            join(made.folder, 'o.toml'),
            ['data = "data"', '[serve]', `workers = ${workers}`, ...lines].join('\n'),
          );
        for (const name of ['one.txt', 'two.txt'])
          writeFileSync(join(made.folder, name), `${name}.example\n`);
        const { certificate, key } = selfSigned('a.example');
        writeFileSync(join(made.folder, 'c.pem'), certificate);
        writeFileSync(join(made.folder, 'k.pem'), key);
        const listen = 'listen = "127.0.0.1:0"';
        write(listen, 'deny = "one.txt"');
        const server = start(made);
        await server.listening();
        const replies = async () => [
          await reply(server.port, 'a@one.txt.example'),
          await reply(server.port, 'a@two.txt.example'),
        ];
        assert.equal(await replies(), ['550 5.7.1', '250 2.0.0']);
        const again = async (words: string, times = 1) => {
          server.signal('SIGHUP');
          await said(server, words, times);
        };
        // A bad file changes nothing, nor does one that names a bad list.
        write(listen, 'deny = "two.txt"', 'wokers = 3');
        await again('configuration-kept: ');
        assert.match(server.stderr, /configuration-kept: .* \(mistake, line 6\)\n/);
        write(listen, 'deny = "none.txt"');
        await again('lists-kept');
        assert.equal(await replies(), ['550 5.7.1', '250 2.0.0']);
        write('listen = "127.0.0.1:1"', 'deny = "two.txt"', 'hostname = "other.example"', 'max-size = 7');
        await again('needs a restart (serve.max-size)');
        assert.match(server.stderr, /lists-read/);
        for (const name of ['listen', 'hostname', 'max-size'])
          assert.ok(server.stderr.includes(`needs a restart (serve.${name})\n`), name);
        assert.equal(await replies(), ['250 2.0.0', '550 5.7.1']);
        if (workers > 1) {
          // Those that take their places begin with what holds now.
          for (const pid of workersOf(server)) process.kill(pid, 'SIGKILL');
          await said(server, 'worker-ended', workers);
          assert.equal(await replies(), ['250 2.0.0', '550 5.7.1']);
        }
        write(
          listen,
          'check-headers = true',
          'certificates = { certificate = "c.pem", key = "k.pem" }',
          'limits.addressMailsPerHour = 3',
        );
        await again('certificates-read');
        await said(server, 'configuration-read', 3);
        assert.equal(await replies(), ['550 5.6.0', '550 5.6.0']);
        write(listen, 'disk-reserve = 9007199254740991', 'limits.addressMailsPerHour = 3');
        await again('configuration-read', 4);
        assert.is(await reply(server.port), '452 4.3.1');
        // Mail that came before there was a limit was counted for none.
        write(listen, 'limits.addressMailsPerHour = 1', 'retain = "1d"', 'drain-seconds = 1');
        await again('configuration-read', 5);
        assert.is(await reply(server.port), '250 2.0.0');
        // One worker hears of what another took a little later.
        await until('it has had enough', async () => (await reply(server.port)) === '450 4.2.1', 50);
        assert.is((await server.stop()).code, 0);
        assert.not.match(server.stderr, /serve\.(deny|retain|check-headers|certificates|workers)/);
      }));
});
