/** Whole files: what lies beside is not followed, not kept, and decides nothing; what was there stays if there is a fault. */
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { besideOf, writeWhole } from '../../src/cli/files/whole-file.js';
import { replacePublicFile } from '../../src/cli/keys/identity-file.js';
import { ownCertificate } from '../../src/cli/server/own-certificate.js';
import { withFolder } from '../support/folder.js';
import { assert, suite } from '../support/suite.js';

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'written',
    (error: NodeJS.ErrnoException) => error.code,
  );

suite('whole file', (test) => {
  test('a link beside is followed, or the mode of a file beside is kept', () =>
    withFolder(async (folder) => {
      const target = join(folder, 'target');
      const writers: Record<string, (path: string) => Promise<unknown>> = {
        any: (path) => writeWhole(path, 'new'),
        'key.pub': (path) => replacePublicFile(path, 'new'),
        'tls-own.pem': (path) => ownCertificate(path, 'mail.example'),
      };
      for (const [name, write] of Object.entries(writers)) {
        const path = join(folder, name);
        writeFileSync(target, 'of somebody else');
        symlinkSync(target, besideOf(path));
        await write(path);
        assert.is(readFileSync(target, 'utf8'), 'of somebody else', name);
        assert.not.ok(existsSync(besideOf(path)));
        assert.is(statSync(path).mode & 0o777, name === 'key.pub' ? 0o644 : 0o600);
        writeFileSync(besideOf(path), 'half', { mode: 0o666 });
        await writeWhole(path, 'newer');
        assert.is(readFileSync(path, 'utf8'), 'newer');
        assert.is(statSync(path).mode & 0o077, 0);
      }
    }));

  test('a fault leaves half a file, or takes the old one; a lock of another is taken', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'file');
      writeFileSync(path, 'old');
      const fault = Object.assign(new Error('no'), { code: 'NO' });
      assert.is(await codeOf(writeWhole(path, 'new', { check: () => Promise.reject(fault) })), 'NO');
      assert.is(readFileSync(path, 'utf8'), 'old');
      assert.not.ok(existsSync(besideOf(path)));
      writeFileSync(besideOf(path), 'of another');
      assert.is(await codeOf(writeWhole(path, 'new', { isLock: true })), 'EEXIST');
      assert.is(readFileSync(besideOf(path), 'utf8'), 'of another');
      mkdirSync(join(folder, 'taken'));
      assert.is.not(await codeOf(writeWhole(join(folder, 'taken'), 'new')), 'written');
      assert.not.ok(existsSync(besideOf(join(folder, 'taken'))));
    }));
});
