/** Heads of a journal: one that is lost costs nothing that others can stand for, and heads that disagree are told. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSegmentHead, encodeSegmentHead, headSize, type SegmentHead } from '../../src/format/head.js';
import { assert, suite } from '../support/suite.js';
import { alice, flip, type Journal, list, text, toAlice, withJournal } from './make-journal.js';
import { look } from './signed-journal.js';

/** Writes a head anew with something else in it, and a good check. */
function rewrite(path: string, change: (head: SegmentHead) => SegmentHead): void {
  const bytes = readFileSync(path);
  bytes.set(encodeSegmentHead(change(decodeSegmentHead(bytes.subarray(0, headSize), path))));
  writeFileSync(path, bytes);
}

const filled = (use: (journal: Journal) => Promise<void>) =>
  withJournal(
    async (office, journal) => {
      for (const words of ['one', 'two', 'three']) await office.send([toAlice], text(words));
      await office.close();
      await use(journal);
    },
    { maxStreamSize: 16_384 },
  );

suite('heads of a journal', (test) => {
  test("the journal's head is lost, and all mail with it, or nobody is told", () =>
    filled(async (journal) => {
      const path = join(journal.path, 'journal');
      const mended = flip(path, 20);
      const damaged = await list(journal, [alice]);
      assert.equal(damaged.words, ['one', 'two', 'three']);
      assert.equal(damaged.contents.faults, [`${path}: head does not match its check`]);
      mended();
      rmSync(path);
      const missing = await list(journal, [alice]);
      assert.equal(missing.words, ['one', 'two', 'three']);
      assert.equal(missing.contents.faults, [`${path}: the journal's head cannot be read (ENOENT)`]);
      // No lane's head either: then a segment's.
      rmSync(join(journal.lane, 'lane'));
      flip(journal.file('channels'), 20);
      const segments = await list(journal, [alice]);
      assert.equal(segments.words, ['one', 'two', 'three']);
      assert.is(segments.contents.faults.length, 3);
    }));

  test('a head of another version is taken for a damaged one', () =>
    filled(async (journal) => {
      const path = join(journal.path, 'journal');
      const head = readFileSync(path, 'latin1');
      writeFileSync(path, head.replace('journal 1', 'journal 2'));
      const refused = await list(journal, [alice]).catch((error: unknown) => String(error));
      assert.match(String(refused), /version 2.*newer obalka/);
    }));

  test('the heads of a segment say different weeks, or different pasts, unseen', () =>
    filled(async (journal) => {
      const changes: readonly ((head: SegmentHead) => SegmentHead)[] = [
        (head) => ({ ...head, week: '2001-W01' }),
        (head) => ({ ...head, previous: undefined }),
        (head) => ({ ...head, previous: head.previous && { ...head.previous, id: new Uint8Array(16) } }),
        (head) => ({ ...head, previous: head.previous && { ...head.previous, segment: 7 } }),
        (head) => {
          const extents = head.previous?.extents;
          const blocks = { claim: 99, end: 99 };
          return {
            ...head,
            previous: head.previous && extents && { ...head.previous, extents: { ...extents, blocks } },
          };
        },
      ];
      assert.equal((await look(journal)).faults, []);
      for (const [at, change] of changes.entries()) {
        const name = ['channels.mirror', 'envelopes', 'blocks'][at % 3] as string;
        const file = journal.file(name, 1);
        const before = readFileSync(file);
        rewrite(file, change);
        assert.equal(
          (await look(journal)).faults,
          [
            `lane ${journal.lane.slice(-32, -24)}, segment 1, ${name}: head has another week, or says something else of the segment before`,
          ],
          `change ${at}`,
        );
        writeFileSync(file, before);
      }
    }));
});
