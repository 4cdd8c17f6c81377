/** Exports that are cut off, and places that are not for them: whole files only, and nothing foreign is touched. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { folderOfFiles, oneFile } from '../../src/cli/export/files-target.js';
import { maildir } from '../../src/cli/export/maildir-target.js';
import { mboxFile } from '../../src/cli/export/mbox-target.js';
import type { Target } from '../../src/cli/export/target.js';
import { flip, Journal } from '../reader/make-journal.js';
import { fill, undoMaildir, undoMbox } from '../support/exporting.js';
import { Installation, within } from '../support/installation.js';
import { killWhen } from '../support/killing.js';
import { assert, suite } from '../support/suite.js';

const own = ['--identity', 'ann'];
const text = (number: number) =>
  Buffer.from(`Subject: ${number}\r\n\r\n${'some words of it\r\n'.repeat(200)}${number}\r\n`);
const contents = Array.from({ length: 300 }, (_, number) => text(number));
const sorted = (list: readonly Buffer[]) => list.map(String).sort();
const list = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
const size = (path: string) => (existsSync(path) ? statSync(path).size : 0);

suite('export that is cut off', (test) => {
  test('a kill leaves half a file, or what comes after it is not what it would have been', () =>
    within(Installation.empty(), async (made) => {
      await fill(made, contents);
      const at = (name: string) => join(made.folder, name);
      const wanted = sorted(contents);

      const eml = ['export', '--format', 'eml', '--to', at('eml'), ...own];
      const emls = () => list(at('eml')).filter((name) => name.endsWith('.eml'));
      for (const most of [60]) {
        assert.ok(await killWhen(made, () => emls().length > most, ...eml));
        for (const name of emls()) assert.ok(wanted.includes(String(readFileSync(join(at('eml'), name)))));
      }
      assert.is((await made.run(...eml)).code, 0);
      assert.equal(sorted(emls().map((name) => readFileSync(join(at('eml'), name)))), wanted);
      assert.equal(
        list(at('eml')).filter((name) => name.includes('unfinished')),
        [],
      );

      const maildir = ['export', '--format', 'maildir', '--to', at('Mail'), ...own];
      const inNew = () => list(at('Mail/new'));
      const read = () => sorted(inNew().map((name) => undoMaildir(readFileSync(join(at('Mail/new'), name)))));
      for (const most of [0, 130]) {
        assert.ok(await killWhen(made, () => inNew().length > most, ...maildir));
        for (const one of read()) assert.ok(wanted.includes(one));
      }
      assert.is((await made.run(...maildir)).code, 0);
      assert.equal(read(), wanted);
      assert.equal(list(at('Mail/tmp')), []);

      const mbox = ['export', '--format', 'mbox', '--to', at('all.mbox'), ...own];
      for (const most of [10_000, 900_000]) {
        assert.ok(await killWhen(made, () => size(at('all.mbox.unfinished')) > most, ...mbox));
        assert.not(existsSync(at('all.mbox')));
      }
      assert.is((await made.run(...mbox)).code, 0);
      assert.equal(sorted(undoMbox(readFileSync(at('all.mbox')))), wanted);
      assert.equal(
        list(made.folder).filter((name) => name.startsWith('all.')),
        ['all.mbox'],
      );
    }));

  test('a link, a pipe or the folder of something else is written to', () =>
    within(Installation.empty(), async (made) => {
      const at = (name: string) => join(made.folder, name);
      mkdirSync(at('foreign'));
      writeFileSync(at('foreign/mine'), 'mine');
      symlinkSync(at('foreign'), at('link'));
      symlinkSync(at('nowhere'), at('dangling'));
      execFileSync('mkfifo', [at('pipe')]);
      mkdirSync(at('half'));
      symlinkSync(at('foreign'), at('half/new'));
      writeFileSync(at('half/.obalka-export'), 'obalka maildir 1\n');
      mkdirSync(at('other'));
      writeFileSync(at('other/.obalka-export'), 'something else\n');
      writeFileSync(at('box.mbox.unfinished'), 'mine');
      const before = list(at('foreign'));
      const content = async function* () {};
      const makers: [make: (path: string) => Promise<Target>, ...paths: string[]][] = [
        [(path) => folderOfFiles(path, 'eml', content), 'link', 'pipe', 'dangling'],
        [(path) => oneFile(path, content), 'link', 'pipe', 'dangling', 'foreign'],
        [(path) => maildir(path, () => false), 'link', 'pipe', 'dangling', 'foreign', 'half', 'other'],
        [mboxFile, 'link', 'pipe', 'dangling', 'foreign', 'box.mbox'],
      ];
      for (const [make, ...paths] of makers)
        for (const path of paths)
          await make(at(path)).then(
            () => assert.unreachable(path),
            (error) => assert.match(String(error), /^Problem: .*; /),
          );
      assert.equal(list(at('foreign')), before);
      assert.is(readFileSync(at('foreign/mine'), 'utf8'), 'mine');
      assert.is(readFileSync(at('box.mbox.unfinished'), 'utf8'), 'mine');
      assert.not(existsSync(at('nowhere')));
    }));

  test('a damaged mail ends the export, or is half there', () =>
    within(Installation.empty(), async (made) => {
      const large = Buffer.concat([text(0), Buffer.alloc(200_000, 'x'), text(1)]);
      await fill(made, [text(1), large, text(2)]);
      const journal = new Journal(join(made.data, 'journal'));
      flip(journal.file('blocks'), 4096 + 9 * 16_384 + 100);
      const wanted = sorted([text(1), text(2)]);
      for (const format of ['eml', 'maildir', 'mbox']) {
        const path = join(made.folder, `to-${format}`);
        const { code, stderr } = await made.run('export', '--format', format, '--to', path, ...own);
        assert.is(code, 5, stderr);
        assert.match(stderr, /^obalka: lane .*, block 9: .* \(mail [a-z2-7]{13} is left out\)$/m);
        assert.match(stderr, /^2 mails exported to .*, 1 damaged$/m);
        const folder = format === 'maildir' ? join(path, 'new') : path;
        const found =
          format === 'mbox'
            ? undoMbox(readFileSync(path))
            : list(folder).map((name) => readFileSync(join(folder, name)));
        assert.equal(sorted(format === 'maildir' ? found.map(undoMaildir) : found), wanted);
        assert.equal(list(join(path, 'tmp')), []);
      }
    }));
});
