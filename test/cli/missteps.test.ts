/** Missteps: what is typed wrongly, or in an odd environment, is answered in words that help, and does nothing elsewhere. */
import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolders, makeFoldersNow } from '../../src/cli/files/make-folders.js';
import { mendingCommands } from '../../src/cli/terminal/mending.js';
import { Problem } from '../../src/core/errors.js';
import { withFolder } from '../support/folder.js';
import { Installation, within } from '../support/installation.js';
import { assert, suite } from '../support/suite.js';

suite('missteps', (test) => {
  test('a folder is looked for for ever where none can be made, or two that make it are in the way of each other', () =>
    withFolder(async (folder) => {
      const refused = (error: unknown) => (error as NodeJS.ErrnoException).code;
      if (existsSync('/proc/self')) {
        assert.is(await makeFolders('/proc/nohome/.config/obalka').catch(refused), 'ENOENT');
        assert.throws(() => makeFoldersNow('/proc/nohome/.config'), /ENOENT/);
      }
      const path = join(folder, 'a/b/c');
      const made = await Promise.all([makeFolders(path), makeFolders(path), makeFolders(join(path, 'd'))]);
      assert.is(made.filter(Boolean).length, 2);
      assert.is(makeFoldersNow(join(folder, 'e/f')), true);
      assert.is(makeFoldersNow(join(folder, 'e/f')), false);
      writeFileSync(join(folder, 'file'), '');
      assert.is(await makeFolders(join(folder, 'file')).catch(refused), 'EEXIST');
      assert.is(await makeFolders(join(folder, 'file/below')).catch(refused), 'EEXIST');
    }));

  test('a secret key goes into the folder of the day, because a variable is empty', () =>
    within(Installation.empty(), async (made) => {
      made.environment.XDG_CONFIG_HOME = '';
      const fresh = await made.bare('key', 'new');
      assert.is(fresh.code, 0, fresh.stderr);
      const identity = join(made.folder, 'home/.config/obalka/identity');
      assert.match(fresh.stdout.toString(), `identity ${identity}\n`);
      assert.not.ok(existsSync(join(made.folder, 'obalka')));
    }));

  test('what is wrong is told by the codes of the system, or in the words of another program', () =>
    within(Installation.with('ann@example.org', 'bob@example.org'), async (made) => {
      for (const [words, code, says] of [
        [['list', '--identity', 'none'], 4, 'none: there is no such file'],
        [['register', 'x@example.org', '--key', 'none'], 3, 'none: there is no such file'],
        [
          ['list', 'board', 'minutes', '--identity', 'ann'],
          2,
          'list takes no words; to look for some: obalka search board minutes; see "obalka list --help"',
        ],
        [['init', 'there'], 2, 'init takes no words, and got 1; see "obalka init --help"'],
        [
          ['export', '--format', 'mbx', '--to', 'x'],
          2,
          '--format mbx: it should be one of eml, mbox, maildir, age; see "obalka export --help"',
        ],
        [
          ['erase', 'v4la'],
          2,
          'v4la: give all 13 letters: what is erased does not come back; see "obalka erase --help"',
        ],
      ] as const) {
        const ended = await made.run(...words);
        assert.equal([ended.code, ended.stderr], [code, `obalka: ${says}\n`]);
      }
      const both = await made.must('key', 'list', 'ann', 'bob');
      assert.equal(
        both.split('\n').map((line) => line.split('  ').at(-1)),
        ['ann', 'bob', ''],
      );
      await made.must('register', 'ann@example.org', '--key', 'bob.pub');
      const one = await made.run('revoke', 'ann@example.org', '--key', 'bob.pub');
      assert.not.match(one.stderr, /no key is left/);
      const last = await made.run('revoke', 'ann@example.org');
      assert.match(last.stderr, /^ann@example\.org: no key is left; mail for it is refused, /m);
    }));

  test('a copy of a journal is taken for a data directory to be made when a key is renewed', () =>
    within(Installation.with('ann@example.org'), async (made) => {
      const copy = join(made.folder, 'copy');
      cpSync(join(made.data, 'journal'), join(copy, 'journal'), { recursive: true });
      for (const data of [join(copy, 'journal'), copy]) {
        const ended = await made.bare('key', 'rotate', 'a@example.org', '--identity', 'ann', '--data', data);
        assert.is(ended.code, 0, ended.stderr);
        assert.match(ended.stderr, /^There is no registry here\. Give ann\.pub and /m);
      }
      assert.equal(readdirSync(copy), ['journal']);
    }));

  test('what went wrong is mended by a command that has nothing to do with it', () =>
    within(Installation.with('ann@example.org'), async ({ data }) => {
      const at = ['--data', data];
      const mended = (kind: 'failure' | 'missing' | 'usage', message: string, ...words: string[]) =>
        mendingCommands(new Problem(kind, message), [...words, ...at]);
      const there = 'mm: there is a file already; choose another --to PATH';
      assert.equal(await mended('failure', there, 'export', '--format', 'mbox', '--to', 'mm'), []);
      const many = 'aaaa: this mail has 5 attachments; name one by its number, or give --all';
      assert.equal(await mended('usage', many, 'save', 'aaaa'), [`obalka save aaaa --data ${data} --all`]);
      assert.equal(await mended('missing', 'aaaa: no mail', 'export', 'aaaa'), [
        `obalka list --data ${data}`,
      ]);
    }));
});
