/** First steps without a word of advice: the environment, the version, and help. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Installation, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';

const packageFile = new URL('../../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

suite('first steps', (test) => {
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
