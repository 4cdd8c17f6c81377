/** Known segments: a reader that remembers what the heads said finds what one finds that opens them all. */
import { readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { openDirectory } from '../../../src/journal/directory-view.js';
import type { JournalPart } from '../../../src/journal/journal-view.js';
import { Keeper } from '../../../src/reader/cache/keeper.js';
import { KnownSegments } from '../../../src/reader/cache/known-segments.js';
import { rowsInMemory, type SharedRows } from '../../../src/reader/cache/sealed-rows.js';
import { survey } from '../../../src/reader/survey.js';
import { chance } from '../../support/chance.js';
import { assert, suite } from '../../support/suite.js';
import { alice, flip, type Journal } from '../make-journal.js';
import { withSigned } from '../signed-journal.js';

const random = chance('known segments');
/** All files are old enough. */
const later = () => Date.now() + 60_000;

/** What a reading finds in the segments, how many it did not open, and how many it remembered anew. */
async function read({ path }: Journal, rows?: SharedRows, now = later) {
  const known = rows && new KnownSegments(new Keeper(alice, rows, random), now);
  let remembered = 0;
  const memory = known && {
    recall: known.recall.bind(known),
    remember: (...found: Parameters<KnownSegments['remember']>) => {
      remembered++;
      known.remember(...found);
    },
    now: known.now,
  };
  const view = await openDirectory(path);
  try {
    const parts = await view.segments(memory);
    const { faults, newest } = await survey({ ...view, id: view.id, segments: async () => parts });
    known?.save();
    return { found: { parts: await Promise.all(parts.map(seen)), faults, newest }, remembered };
  } finally {
    await view.close();
  }
}

async function seen(part: JournalPart) {
  if (!('place' in part)) return part;
  const { place, week, previous, claim, checkpoint, counts, faults } = part;
  return {
    place,
    week,
    previous,
    claim,
    checkpoint: checkpoint?.join(),
    counts,
    faults,
    stamp: await part.stamp?.(),
  };
}

suite('known segments', (test) => {
  test('what is remembered differs from what is there, or everything is opened again', () =>
    withSigned(async (journal) => {
      const rows = rowsInMemory();
      const { found } = await read(journal);
      const old = found.parts.length - 3;
      assert.ok(old >= 2, 'one lane, and the two newest segments, are always opened');
      assert.equal(await read(journal, rows), { found, remembered: old });
      assert.equal(await read(journal, rows), { found, remembered: 0 });
    }));

  test('a file that was changed, cut, exchanged or removed is taken for what it was', () =>
    withSigned(async (journal) => {
      const rows = rowsInMemory();
      await read(journal, rows);
      const changes = {
        flip: (path: string) => void flip(path, 20),
        cut: (path: string) => truncateSync(path, 70),
        exchange: (path: string) => {
          const bytes = readFileSync(path);
          rmSync(path);
          writeFileSync(path, bytes);
        },
        remove: (path: string) => rmSync(path),
      };
      for (const name of ['channels', 'channels.mirror', 'envelopes', 'blocks', 'synced', 'checkpoint'])
        for (const [what, change] of Object.entries(changes)) {
          const path = journal.file(name);
          const before = readFileSync(path);
          change(path);
          // Not all file systems have times so fine that this one differs.
          if (what !== 'remove') utimesSync(path, 1, 1);
          const { found } = await read(journal);
          assert.equal((await read(journal, rows)).found, found, `${what} ${name}`);
          if (what === 'flip') assert.ok(found.faults.length > 0, name);
          writeFileSync(path, before);
          utimesSync(path, 2, 2);
          assert.equal((await read(journal, rows)).found, (await read(journal)).found, `mended ${name}`);
        }
    }));

  test('what was changed a moment ago is remembered, though it may change again unseen', () =>
    withSigned(async (_, fresh) => {
      const journal = fresh();
      const { ctimeMs } = statSync(journal.file('channels'));
      assert.is((await read(journal, rowsInMemory(), () => ctimeMs + 1000)).remembered, 0);
    }));

  test('a full disk stops a reading that could do without the cache', () =>
    withSigned(async (journal) => {
      const rows = rowsInMemory();
      const full = {
        ...rows,
        put: () => {
          throw new Error('SQLITE_FULL');
        },
      };
      assert.equal((await read(journal, full)).found, (await read(journal)).found);
    }));

  test('a segment that is gone, or a row that was damaged, stays in the cache', () =>
    withSigned(async (_, fresh) => {
      const journal = fresh();
      const rows = rowsInMemory();
      await read(journal, rows);
      const written = () => Object.keys(JSON.parse(Buffer.from(rows.get('segments') ?? []).toString()));
      const before = written();
      rmSync(journal.file('.'), { recursive: true });
      await read(journal, rows);
      assert.equal(
        written(),
        before.filter((name) => !name.endsWith('/0')),
      );
      rows.put([['segments', new Uint8Array(3)]]);
      const keeper = new Keeper(alice, rows, random);
      assert.is(new KnownSegments(keeper, later).recall(new Uint8Array(16), 0), undefined);
      assert.ok(keeper.isDamaged);
    }));
});
