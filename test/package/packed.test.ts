/** The program as it is installed (tools/pack.ts): it does what the one does that was compiled, file by file. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fill } from '../support/exporting.js';
import { type Ended, Installation, obalka, packed, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';

const mail = (subject: string) =>
  Buffer.from(`From: b@example.net\r\nTo: ann@example.org\r\nSubject: ${subject}\r\n\r\nSome words.\r\n`);

/** Runs a command with both, each with what it keeps for itself, and gives what the installed one says. */
async function both(made: Installation, ...words: readonly string[]): Promise<Ended> {
  return bothIn(made, {}, ...words);
}

async function bothIn(
  made: Installation,
  environment: NodeJS.ProcessEnv,
  ...words: readonly string[]
): Promise<Ended> {
  const [one, other] = await Promise.all(
    [obalka, packed].map((program, at) =>
      made.exec(process.execPath, [program, ...words], {
        OBALKA_DATA: made.data,
        OBALKA_IDENTITY: made.identity('ann'),
        OBALKA_CACHE: join(made.folder, `cache${at}`),
        OBALKA_PINS: join(made.folder, `pins${at}`),
        ...environment,
      }),
    ),
  );
  assert.equal(
    [other?.code, other?.stdout.toString(), other?.stderr],
    [one?.code, one?.stdout.toString(), one?.stderr],
  );
  return other as Ended;
}

suite('packed', (test) => {
  test('commands that read do something else where the program is installed', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      await fill(made, [mail('one'), mail('two'), Buffer.from('not\nquite a mail')]);
      const { stdout } = await both(made, 'list', '--json');
      const listed = stdout.toString().trim().split('\n');
      assert.is(listed.length, 3);
      const [{ id } = { id: '' }] = listed.map((line) => JSON.parse(line) as { id: string; subject: string });
      // With what takes messages apart in a thread.
      assert.match((await both(made, 'search', 'subject:two')).stdout.toString(), /two\n$/);
      assert.is((await both(made, 'read', id)).code, 0);
      assert.match((await both(made, 'export', '--format', 'mbox', '--to', '-')).stdout.toString(), /^From /);
      // What modules tell each other by a class of theirs.
      assert.is((await both(made, 'read', 'aaaaaaaaaaaaa')).code, 3);
      assert.is((await both(made, 'list', '--since', 'never')).code, 2);
      writeFileSync(join(made.folder, 'bad.toml'), 'data = 7\n');
      assert.is((await both(made, 'count', '--config', 'bad.toml')).code, 2);
    }));

  test('it does not say that SQLite cannot be loaded', () =>
    within(Installation.empty(), async (made) => {
      const hooks =
        'export const resolve = (from, at, next) => from.startsWith("better-sqlite3") ? Promise.reject(new Error("gone")) : next(from, at)';
      const lines = `import { register } from 'node:module'; register('data:text/javascript,${encodeURIComponent(hooks)}')`;
      const options = `--import=data:text/javascript,${encodeURIComponent(lines)}`;
      const { code, stderr } = await bothIn(made, { NODE_OPTIONS: options }, 'list');
      assert.is(code, 1);
      assert.match(stderr, /^obalka: SQLite cannot be loaded \(gone\)/);
    }));

  test('another command is not that of the program', () =>
    within(Installation.empty(), async (made) => {
      for (const words of [['--version'], ['config', 'example'], ['lsit']])
        assert.is((await both(made, ...words)).code, words[0] === 'lsit' ? 2 : 0);
    }));
});
