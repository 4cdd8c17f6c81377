/** Held folder: what stands in the place of a Maildir's folder now or later is not read as mail of its owner. */
import { chownSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeldFolder } from '../../src/cli/import/held-folder.js';
import { maildirSource } from '../../src/cli/import/sources.js';
import { withFolder } from '../support/folder.js';
import { assert, skip, suite } from '../support/suite.js';

const me = process.getuid?.() ?? 0;

/** A Maildir with one mail in `cur`, and a folder with a secret. */
function folders(folder: string) {
  const [mail, secret] = [join(folder, 'mail'), join(folder, 'secret')];
  for (const name of [secret, join(mail, 'cur'), join(mail, 'new')]) mkdirSync(name, { recursive: true });
  writeFileSync(join(mail, 'cur/1'), 'of the owner');
  writeFileSync(join(secret, '1'), 'of another');
  return { mail, secret, cur: join(mail, 'cur') };
}

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'read',
    (error: Error) => error.message,
  );

suite('held folder', (test) => {
  test('cur or new is a link, and is followed', () =>
    withFolder(async (folder) => {
      const { mail, secret } = folders(folder);
      for (const name of ['cur', 'new']) {
        const path = join(mail, name);
        renameSync(path, `${path}.moved`);
        symlinkSync(secret, path);
        assert.match(
          await refusal(maildirSource(mail)),
          new RegExp(`/${name}: cannot be read \\(it is a link\\)$`),
        );
        renameSync(`${path}.moved`, `${path}.back`);
        renameSync(path, `${path}.link`);
        renameSync(`${path}.back`, path);
      }
      assert.is((await maildirSource(mail)).total, 1);
    }));

  test('a link is put in the place of cur while it is read, and is followed', () =>
    withFolder(async (folder) => {
      const { secret, cur } = folders(folder);
      const held = await HeldFolder.open(cur, me);
      assert.equal(await held.names(), ['1']);
      renameSync(cur, `${cur}.moved`);
      symlinkSync(secret, cur);
      const file = await held.openFile('1');
      const pieces: Uint8Array[] = [];
      for await (const piece of file.octets) pieces.push(piece);
      await file.close();
      assert.is(Buffer.concat(pieces).toString(), 'of the owner');
      assert.match(await refusal(held.openFile('2')), /\/mail\/cur\/2: cannot be read \(ENOENT\)$/);
      await held.close();
      assert.match(await refusal(HeldFolder.open(cur, me)), /\(it is a link\)$/);
    }));

  const others = "cur is another user's, and is read";
  if (me !== 0) skip(test, others, 'not root');
  else
    test(others, () =>
      withFolder(async (folder) => {
        const { mail, cur } = folders(folder);
        chownSync(cur, 12_345, 12_345);
        assert.match(
          await refusal(maildirSource(mail)),
          /cur: belongs to user 12345, and the folder around it to/,
        );
      }),
    );
});
