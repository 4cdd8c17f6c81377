/** obalka export, through the program: what comes out is what came in, and nothing else is touched. */
import { readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Decrypter } from 'age-encryption';
import { fill, undoMaildir, undoMbox } from '../support/exporting.js';
import { Installation, within } from '../support/installation.js';
import { oddContents } from '../support/odd-contents.js';
import { assert, suite } from '../support/suite.js';

const own = ['--identity', 'ann'];
const text = (words: string) => Buffer.from(`Subject: ${words}\r\n\r\n${words}\r\n`);

suite('export', (test) => {
  test('files have other names or modes, come a second time, or open for the wrong keys', () =>
    within(Installation.with('bob@example.org'), async (made) => {
      const contents = oddContents.slice(0, 6);
      await fill(made, contents);
      const folder = join(made.folder, 'eml');
      const eml = ['export', '--format', 'eml', '--to', folder, ...own];
      const done = await made.run(...eml, '--json');
      assert.is(done.code, 0, done.stderr);
      assert.is(statSync(folder).mode & 0o777, 0o700);
      const told = done.stdout.toString().trim().split('\n');
      assert.equal(
        told.map((line) => JSON.parse(line).file).sort(),
        readdirSync(folder)
          .map((name) => join(folder, name))
          .sort(),
      );
      for (const name of readdirSync(folder)) {
        assert.match(name, /^\d{8}T\d{6}Z-[a-z2-7]{13}\.eml$/);
        assert.is(statSync(join(folder, name)).mode & 0o777, 0o600);
      }
      const again = await made.run(...eml);
      assert.match(again.stderr, /^0 mails exported to .*, 6 there before$/m);

      const id = JSON.parse(told[1] as string).id;
      const path = join(made.folder, 'one.age');
      const age = await made.run(
        'export',
        id,
        '--format',
        'age',
        '--to',
        path,
        '--to-key',
        'bob.pub',
        ...own,
      );
      assert.is(age.code, 0, age.stderr);
      for (const name of ['ann', 'bob']) {
        const decrypter = new Decrypter();
        decrypter.addIdentity(
          /AGE-SECRET-KEY-PQ-\S+/.exec(readFileSync(made.identity(name), 'utf8'))?.[0] ?? '',
        );
        assert.ok(contents.some((one) => one.equals(readFileSync(JSON.parse(told[1] as string).file))));
        assert.equal(
          Buffer.from(await decrypter.decrypt(readFileSync(path))),
          readFileSync(JSON.parse(told[1] as string).file),
        );
      }
      const out = await made.run('export', '--format', 'mbox', '--to', '-', ...own);
      assert.equal(undoMbox(out.stdout).map(String).sort(), contents.map(String).sort());
    }));

  test('a Maildir gets again what the person moved, marked or deleted, or not what is new', () =>
    within(Installation.empty(), async (made) => {
      await fill(made, [text('one'), text('two'), text('three')]);
      const folder = join(made.folder, 'Mail');
      const run = () => made.run('export', '--format', 'maildir', '--to', folder, ...own);
      assert.is((await run()).code, 0);
      const [first, second, third] = readdirSync(join(folder, 'new')).sort() as [string, string, string];
      renameSync(join(folder, 'new', first), join(folder, 'cur', `${first}:2,FS`));
      rmSync(join(folder, 'new', second));
      await fill(made, [text('four'), text('five')]);
      const fifth = JSON.parse(await made.must('list', '--json', '--limit', '1', ...own)).id;
      await made.must('mark', fifth, '--read', ...own);
      const done = await run();
      assert.is(done.code, 0, done.stderr);
      assert.match(done.stderr, /^2 mails exported to .*, 3 there before$/m);
      const cur = readdirSync(join(folder, 'cur')).sort();
      assert.is(cur[0], `${first}:2,FS`);
      assert.match(cur[1] ?? '', new RegExp(`_${fifth}\\.obalka:2,S$`));
      const some = join(made.folder, 'some');
      const chosen = await made.run('export', '--format', 'eml', '--to', some, '--subject', 'two', ...own);
      assert.match(chosen.stderr, /^1 mail exported/m);
      assert.equal(
        readdirSync(some).map((name) => readFileSync(join(some, name))),
        [text('two')],
      );
      const now = readdirSync(join(folder, 'new')).sort();
      assert.is(now.length, 2);
      assert.is(now[0], third);
      assert.equal(undoMaildir(readFileSync(join(folder, 'new', now[1] as string))), text('four'));
    }));

  test('one mail is written over another file, or to standard output otherwise', () =>
    within(Installation.empty(), async (made) => {
      await fill(made, oddContents.slice(0, 14));
      const lines = (await made.must('list', '--json', ...own)).trim().split('\n');
      for (const [at, line] of lines.entries()) {
        if (at % 5 !== 2) continue;
        const { id } = JSON.parse(line);
        const shown = await made.run('export', id, '--format', 'eml', '--to', '-', ...own);
        assert.equal(shown.stdout, oddContents[at]);
      }
      const { id } = JSON.parse(lines[0] as string);
      const path = join(made.folder, 'mail.eml');
      assert.is((await made.run('export', id, '--format', 'eml', '--to', path, ...own)).code, 0);
      const again = await made.run('export', id, '--format', 'eml', '--to', path, ...own);
      assert.is(again.code, 1);
      assert.match(again.stderr, /there is something of this name/);
      assert.equal(readFileSync(path), oddContents[0]);
    }));
});
