/** Data directories of others: no command writes into one of another user, or through a link that somebody left in one. */
import {
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { serveControl } from '../../src/net/control.js';
import { Installation, within } from '../support/installation.js';
import { assert, skip, suite } from '../support/suite.js';

const ann = () => Installation.with('ann@example.org');

/** Every name in a folder, with its owner and when it was changed last. */
function all(folder: string): string[] {
  return ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })].sort().map((name) => {
    const { uid, mtimeMs, ctimeMs } = lstatSync(join(folder, name));
    return `${name} ${uid} ${mtimeMs} ${ctimeMs}`;
  });
}

suite("another user's data directory", (test) => {
  const names = [
    'root writes into it, and its server cannot go on',
    'root cannot ask the server that runs there',
  ] as const;
  if (process.getuid?.() !== 0) for (const name of names) skip(test, name, 'not root');
  else {
    test(names[0], () =>
      within(ann(), async (made) => {
        await made.must('register', 'ann@example.org', '--key', 'ann.pub');
        rmSync(join(made.data, 'lock'));
        chownSync(made.data, 12_345, 12_345);
        writeFileSync(join(made.folder, 'old.mbox'), 'From a@example.net Thu Jan  1 00:00:00 1970\n\nx\n');
        const before = all(made.data);
        for (const words of [
          ['init'],
          ['register', 'bob@example.org', '--key', 'ann.pub'],
          ['registered', 'ann@example.org'],
          ['revoke', 'ann@example.org'],
          ['alias', 'all@example.org', 'ann@example.org'],
          ['retain', '--older-than', '1y'],
          ['import', 'old.mbox', '--format', 'mbox', '--address', 'ann@example.org'],
        ]) {
          const { code, stderr } = await made.run(...words);
          assert.is(code, 1, `${words}: ${stderr}`);
          assert.match(
            stderr,
            /data: belongs to user 12345, and this command runs as user 0; run it as that user: sudo -u '#12345' obalka …\n/,
          );
        }
        assert.is((await made.bare('restore', made.data)).code, 1);
        assert.equal(all(made.data), before);
      }),
    );

    test(names[1], () =>
      within(ann(), async (made) => {
        const server = await serveControl(join(made.data, 'control.sock'), async () => ({ told: 0 }));
        rmSync(join(made.data, 'lock'), { force: true });
        chownSync(made.data, 12_345, 12_345);
        try {
          await made.must('register', 'bob@example.org', '--key', 'ann.pub');
          assert.not.ok(existsSync(join(made.data, 'lock')));
        } finally {
          await server.close();
        }
      }),
    );
  }
});

suite('links in a data directory', (test) => {
  test('what the mark of the place leads to is written over', () =>
    within(ann(), async (made) => {
      const [place, target] = [join(made.data, 'place'), join(made.folder, 'target')];
      for (const link of [symlinkSync, linkSync]) {
        rmSync(place, { force: true });
        writeFileSync(target, 'of somebody else');
        link(target, place);
        // Somebody is to be told of the second key, and so a lane is written.
        const { code, stderr } = await made.run('register', 'ann@example.org', '--key', await another(made));
        assert.is(code, 1, stderr);
        assert.match(stderr, /place: it is a link, or no file, and is not written to; remove it/);
        assert.is(readFileSync(target, 'utf8'), 'of somebody else');
      }
    }));

  test('restore follows one, in a copy that came from anywhere', () =>
    within(ann(), async (made) => {
      const outside = join(made.folder, 'outside');
      for (const name of ['lock', 'lock.workers', 'place', 'registry.sqlite', 'journal', 'journal/lane']) {
        const path = join(made.data, name);
        const moved = `${made.folder}/moved`;
        const isThere = existsSync(path);
        if (isThere) renameSync(path, moved);
        symlinkSync(isThere ? moved : outside, path);
        const { code, stderr } = await made.bare('restore', made.data, '--pins', 'none');
        assert.is(code, 1, `${name}: ${stderr}`);
        assert.match(stderr, new RegExp(`/${name}: this is a link, which is not followed; put there`));
        assert.not.ok(existsSync(outside));
        rmSync(path);
        if (isThere) renameSync(moved, path);
      }
      assert.is((await made.bare('restore', made.data, '--pins', 'none')).code, 0);
    }));

  test('the lock is made where one leads', () =>
    within(ann(), async (made) => {
      for (const name of ['lock', 'lock.workers']) {
        const outside = join(made.folder, 'outside');
        rmSync(join(made.data, name), { force: true });
        symlinkSync(outside, join(made.data, name));
        const { code, stderr } = await made.run('registered', 'ann@example.org');
        assert.is(code, 1, stderr);
        assert.match(stderr, /lock\S*: it is a symbolic link, which is not followed; remove it/);
        assert.not.ok(existsSync(outside));
        rmSync(join(made.data, name));
      }
    }));
});

let others = 0;
/** The file of another public key. */
async function another(made: Installation): Promise<string> {
  const name = `other-${others++}`;
  await made.must('key', 'new', name);
  return `${name}.pub`;
}
