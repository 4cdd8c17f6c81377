/** What is loaded before a command answers, counted in modules: people wait for `--version` and for `list`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Installation, obalka, packed, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';

/** Without what Node brings. */
async function loaded(program: string, made: Installation, ...words: readonly string[]): Promise<string[]> {
  const list = join(made.folder, words[0]?.replace(/\W/g, '') ?? '');
  const { code, stderr } = await made.exec(process.execPath, [program, ...words], {
    NODE_OPTIONS: `--import=${new URL('loaded.js', import.meta.url)}`,
    LOADED: list,
  });
  assert.is(code, 0, stderr);
  const urls = readFileSync(list, 'utf8').trim().split('\n');
  return urls.filter((url) => url.startsWith('file:'));
}

suite('start-up', (test) => {
  test('a command loads more than it needs, so that everybody waits', () =>
    within(Installation.with('me@example.org'), async (made) => {
      const version = await loaded(obalka, made, '--version');
      assert.ok(version.length <= 10, version.join('\n'));
      const list = await loaded(obalka, made, 'list', '--identity', 'me', '--data', 'data');
      assert.ok(list.length <= 105, `${list.length}: ${list.join('\n')}`);
      const others =
        /\/src\/(net\/(?!control)|server\/|registry\/|smtp\/|library\/)|prom-client|nodemailer|postal-mime|smol-toml|age-encr|re2js/;
      assert.equal(
        list.filter((url) => others.test(url)),
        [],
      );
    }));

  test('a command that reads is loaded in many pieces where the program is installed', () =>
    within(Installation.with('me@example.org'), async (made) => {
      for (const words of [['list'], ['search', 'word']]) {
        const urls = await loaded(packed, made, ...words, '--identity', 'me', '--data', 'data');
        const own = urls.filter((url) => !url.includes('/node_modules/'));
        assert.ok(own.length <= 6, own.join('\n'));
      }
    }));
});
