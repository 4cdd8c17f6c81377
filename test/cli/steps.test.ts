/** First steps: what the program prints for people to type does what it says, from an empty folder to a mail read. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Installation, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';
import { Wire } from '../support/wire.js';

const packageFile = new URL('../../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

suite('first steps', (test) => {
  test('a step that init prints does not work as it is printed', () =>
    within(Installation.empty(), async (made) => {
      const key = await made.shell('obalka key new you');
      assert.is(key.code, 0, key.stderr);
      assert.match(
        key.stdout.toString(),
        /^identity you\npublic-key you\.pub\nfingerprint [a-z2-7]{4}(-[a-z2-7]{4}){3}\n$/,
      );
      const folder = "./mail's data";
      const init = await made.shell(`obalka init --data "${folder}"`);
      assert.is(init.code, 0, init.stderr);
      const steps = init.stderr.split('\n').filter((line) => line.startsWith('  obalka '));
      assert.is(steps.length, 2, init.stderr);
      const [register, serve] = steps.map((line) => line.trim()) as [string, string];
      const registered = await made.shell(register.replace('FILE.pub', 'you.pub'));
      assert.is(registered.code, 0, `${register}: ${registered.stderr}`);

      // Any port in place of the one printed, which may be taken here.
      assert.match(serve, / --listen 127\.0\.0\.1:2525 /);
      const line = `exec ${serve.replace(':2525', ':0').replace('obalka', '"$NODE" "$OBALKA"')}`;
      const server = made.startShell(line);
      await server.listening();
      const wire = await Wire.to(server.port);
      await wire.hello();
      const content = Buffer.from('From: a@example.net\r\nSubject: first steps\r\n\r\nIt works.\r\n');
      wire.must(await wire.deliver({ from: 'a@example.net', to: ['you@example.org'], content }), '250');
      await wire.quit();
      const list = await made.bare('list', '--identity', 'you', '--data', folder);
      assert.match(list.stdout.toString(), /^([a-z2-7]{13}) {2}N .* first steps\n$/);
      const read = await made.bare(
        'read',
        list.stdout.toString().slice(0, 13),
        '--identity',
        'you',
        '--data',
        folder,
      );
      assert.match(read.stdout.toString(), /^It works\.$/m);
      assert.is((await server.stop()).code, 0);

      const again = await made.bare('init', '--data', folder);
      assert.is(again.code, 0);
      assert.match(again.stderr, /was ready already/);
      const after = await made.bare('list', '--identity', 'you', '--data', folder);
      assert.is(
        after.stdout.toString(),
        list.stdout.toString().replace(' N ', '   '),
        'a second init changes nothing',
      );
    }));

  test('the environment is not heeded, or beats what is typed', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const { data } = made;
      Object.assign(made.environment, { OBALKA_DATA: data, OBALKA_IDENTITY: made.identity('ann') });
      const list = await made.bare('list');
      assert.is(list.code, 0, list.stderr);
      const other = await made.bare('list', '--data', join(made.folder, 'absent'));
      assert.is(other.code, 3);
      // With nothing said, the key goes where readers look for it.
      const fresh = await made.shell('unset OBALKA_IDENTITY; obalka key new');
      assert.is(fresh.code, 0, fresh.stderr);
      assert.match(
        fresh.stdout.toString(),
        new RegExp(`^identity ${made.folder}/home/\\.config/obalka/identity\\n`),
      );
      const reading = await made.shell('unset OBALKA_IDENTITY; obalka list');
      assert.is(reading.code, 0, reading.stderr);
    }));

  test('--version and --help fail, or go to standard error, or leave a command out', () =>
    within(Installation.empty(), async (made) => {
      const shown = await made.bare('--version');
      assert.equal([shown.code, shown.stdout.toString(), shown.stderr], [0, `${version}\n`, '']);
      const help = await made.bare('--help');
      assert.equal([help.code, help.stderr], [0, '']);
      assert.match(help.stdout.toString(), /^Examples:\n/);
      const commands = [
        'key',
        'init',
        'register',
        'revoke',
        'registered',
        'serve',
        'list',
        'read',
        'verify',
        'demo',
      ];
      for (const command of commands) assert.match(help.stdout.toString(), new RegExp(`^  ${command} `, 'm'));
      for (const words of [['serve'], ['read'], ['key', 'new']]) {
        const one = await made.bare(...words, '--help');
        assert.equal([one.code, one.stderr], [0, ''], words.join(' '));
        assert.match(one.stdout.toString(), /^Usage: obalka /m);
      }
    }));
});
