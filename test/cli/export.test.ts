/** obalka export, through the program: what comes out is what came in, and nothing else is touched. */
import { readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Decrypter } from 'age-encryption';
import { encodeIdentity } from '../../src/seal/keys.js';
import { ann, fill, undoMaildir, undoMbox } from '../support/exporting.js';
import { Installation, within } from '../support/installation.js';
import { allContents, collectedContents, oddContents } from '../support/odd-contents.js';
import { assert, suite } from '../support/suite.js';

const own = ['--identity', 'ann'];
const text = (words: string) => Buffer.from(`Subject: ${words}\r\n\r\n${words}\r\n`);

/** The files of a folder in order of name. */
const files = (folder: string) =>
  readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort()
    .map((name) => readFileSync(join(folder, name)));

function same(found: readonly Uint8Array[], wanted: readonly Uint8Array[]): void {
  const sorted = (list: readonly Uint8Array[]) =>
    list.map((one) => Buffer.from(one).toString('latin1')).sort();
  const [these, those] = [sorted(found), sorted(wanted)];
  assert.is(these.length, those.length);
  for (const [at, one] of these.entries())
    assert.ok(one === those[at], `content ${at}: ${JSON.stringify(one.slice(0, 300))}`);
}

suite('export', (test) => {
  test('a file or a Maildir gives back another content', () =>
    within(Installation.empty(), async (made) => {
      const contents = allContents();
      await fill(made, contents);
      const eml = join(made.folder, 'eml');
      const done = await made.run('export', '--format', 'eml', '--to', eml, ...own);
      assert.is(done.code, 0, done.stderr);
      same(files(eml), contents);
      assert.is(statSync(eml).mode & 0o777, 0o700);
      for (const name of readdirSync(eml)) {
        assert.match(name, /^\d{8}T\d{6}Z-[a-z2-7]{13}\.eml$/);
        assert.is(statSync(join(eml, name)).mode & 0o777, 0o600);
      }
      const again = await made.run('export', '--format', 'eml', '--to', eml, ...own);
      assert.match(again.stderr, new RegExp(`0 mails exported to .*, ${contents.length} there before`));

      const mail = join(made.folder, 'Mail');
      assert.is((await made.run('export', '--format', 'maildir', '--to', mail, ...own)).code, 0);
      same(files(join(mail, 'new')).map(undoMaildir), contents);
      assert.equal(readdirSync(join(mail, 'tmp')), []);
      for (const file of files(join(mail, 'new')))
        assert.not.match(file.toString('latin1').split('\n')[3] ?? '', /\r/);
    }));

  test('an mbox or an age file gives back another content, or another program cannot read it', () =>
    within(Installation.empty(), async (made) => {
      const contents = [...oddContents, ...collectedContents()];
      await fill(made, contents);
      const path = join(made.folder, 'all.mbox');
      const done = await made.run('export', '--format', 'mbox', '--to', path, ...own);
      assert.is(done.code, 0, done.stderr);
      const file = readFileSync(path);
      same(undoMbox(file), contents);
      assert.equal(
        readdirSync(made.folder).filter((name) => name.startsWith('all.')),
        ['all.mbox'],
      );
      const out = await made.run('export', '--format', 'mbox', '--to', '-', ...own);
      assert.ok(out.stdout.equals(file));

      const age = join(made.folder, 'age');
      assert.is((await made.run('export', '--format', 'age', '--to', age, ...own)).code, 0);
      const decrypter = new Decrypter();
      decrypter.addIdentity(encodeIdentity(ann.seed));
      same(await Promise.all(files(age).map((one) => decrypter.decrypt(one))), contents);
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
      await fill(made, [text('four')]);
      const done = await run();
      assert.is(done.code, 0, done.stderr);
      assert.match(done.stderr, /^1 mail exported to .*, 3 there before$/m);
      assert.equal(readdirSync(join(folder, 'cur')), [`${first}:2,FS`]);
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
