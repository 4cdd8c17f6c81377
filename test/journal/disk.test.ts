/** The real disk: what the journal relies on, and what a short write leaves to do. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { createJournal } from '../../src/journal/create-journal.js';
import { dropBytes, nodeDisk } from '../../src/journal/disk.js';
import { FileCache } from '../../src/journal/file-cache.js';
import { bytesFrom, chance } from '../support/chance.js';
import { withFolder } from '../support/folder.js';
import { assert, suite } from '../support/suite.js';

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'nothing',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
}

suite('disk', (test) => {
  test('after a short write, bytes are written twice or left out', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 6 }), { maxLength: 6 });
    fc.assert(
      fc.property(pieces, fc.nat(40), (some, count) => {
        const left = dropBytes(some, count);
        assert.is(Buffer.concat(left).toString('hex'), Buffer.concat(some).subarray(count).toString('hex'));
        assert.ok(
          left.every((piece) => piece.length > 0),
          'a piece without bytes would be written for ever',
        );
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test('a file that is there is written over, or one that is not there is made', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'file');
      writeFileSync(path, 'kept');
      assert.is(await codeOf(nodeDisk.create(path)), 'EEXIST');
      assert.is(await codeOf(nodeDisk.open(join(folder, 'other'))), 'ENOENT');
      assert.is(await codeOf(nodeDisk.makeFolder(folder)), 'EEXIST');
      assert.is(readFileSync(path, 'utf8'), 'kept');
    }));

  test('pieces are written elsewhere, or others can read them', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'file');
      const file = await nodeDisk.create(path);
      const pieces = Array.from({ length: 70 }, (_, index) => bytesFrom(`piece ${index}`, 16_384));
      await file.write(0, pieces);
      await file.write(70 * 16_384, [new Uint8Array(0), Buffer.from('end')]);
      await file.sync();
      assert.is(await file.size(), 70 * 16_384 + 3);
      await file.close();
      assert.ok(readFileSync(path).equals(Buffer.concat([...pieces, Buffer.from('end')])));
      assert.is(statSync(path).mode & 0o777, 0o600);
      assert.equal(await nodeDisk.read(path, 5), pieces[0]?.slice(0, 5));
      await nodeDisk.makeFolder(join(folder, 'inner'));
      assert.is(statSync(join(folder, 'inner')).mode & 0o777, 0o700);
      await nodeDisk.syncFolder(folder);
    }));

  test('a journal that is there gets another id, or a half-made one stops the next', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'journal');
      mkdirSync(path);
      writeFileSync(join(path, 'journal.unfinished'), 'half');
      const first = await createJournal(nodeDisk, path, chance('first'));
      assert.is(first.made, true);
      const second = await createJournal(nodeDisk, path, chance('second'));
      assert.equal([second.made, second.id], [false, first.id]);
      writeFileSync(join(path, 'journal'), 'something else');
      assert.match(
        String(await codeOf(createJournal(nodeDisk, path, chance('third')))),
        /not the head of an obalka journal/,
      );
    }));
});

suite('files open for reading', (test) => {
  test('many files leave none open, or one read gets the bytes of another', () =>
    withFolder(async (folder) => {
      const cache = new FileCache();
      const paths = Array.from({ length: 100 }, (_, index) => join(folder, `file ${index}`));
      for (const path of paths) writeFileSync(path, bytesFrom(path, 1000));
      await Promise.all(
        [...paths, ...paths].map(async (path) => {
          assert.equal(new Uint8Array(await cache.read(path, 10, 50)), bytesFrom(path, 1000).slice(10, 60));
          assert.is(await cache.size(path), 1000);
        }),
      );
      const [path = ''] = paths;
      assert.is((await cache.read(path, 990, 50)).length, 10, 'at the end there are fewer');
      assert.is(await codeOf(cache.read(join(folder, 'none'), 0, 1)), 'ENOENT');
      writeFileSync(join(folder, 'none'), 'x');
      assert.is((await cache.read(join(folder, 'none'), 0, 1)).length, 1, 'a failure is remembered');
      await cache.close();
    }));
});
