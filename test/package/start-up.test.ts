/** What is loaded before a command answers, counted in modules: people wait for `--version` and for `list`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Installation, obalka, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';

/** Without what Node brings. */
async function loaded(made: Installation, ...words: readonly string[]): Promise<string[]> {
  const list = join(made.folder, words[0]?.replace(/\W/g, '') ?? '');
  const { code, stderr } = await made.exec(process.execPath, [obalka, ...words], {
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
      const version = await loaded(made, '--version');
      assert.ok(version.length <= 10, version.join('\n'));
      const list = await loaded(made, 'list', '--identity', 'me', '--data', 'data');
      assert.ok(list.length <= 105, `${list.length}: ${list.join('\n')}`);
      const others =
        /\/src\/(net\/(?!control)|server\/|registry\/|smtp\/|library\/)|prom-client|nodemailer|postal-mime|smol-toml|age-encr|re2js/;
      assert.equal(
        list.filter((url) => others.test(url)),
        [],
      );
    }));
});
