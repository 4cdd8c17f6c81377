/** Retention: a segment is there or dropped, whatever fails and wherever it ends; the rest is as it was. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isoWeek, weekEnd } from '../../src/core/week.js';
import { openDirectory } from '../../src/journal/directory-view.js';
import { dropSegments, findOld, finishDropping } from '../../src/journal/retention.js';
import { verify } from '../../src/reader/verify.js';
import { alice, toAlice } from '../reader/make-journal.js';
import { bytesFrom } from '../support/chance.js';
import { withFolder } from '../support/folder.js';
import { AddressBook, PostOffice, readMail } from '../support/post-office.js';
import { assert, suite } from '../support/suite.js';
import { TestDisk } from '../support/test-disk.js';

/** A journal with a segment in each of these weeks. */
async function journalOf(weeks: readonly string[]): Promise<TestDisk> {
  const disk = new TestDisk();
  disk.root.sync();
  const book = new AddressBook();
  book.set(toAlice, alice);
  let week = weeks[0] as string;
  const office = await PostOffice.open({ disk, folder: '/journal', book, week: () => week });
  for (week of weeks) await office.send([toAlice], Buffer.from(week));
  await office.close();
  return disk;
}

async function state(
  disk: TestDisk,
  folder: string,
): Promise<{ words: string[]; faults: readonly string[] }> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  disk.materialise(folder);
  const path = join(folder, 'journal');
  const { mails } = await readMail(path, [alice]);
  const view = await openDirectory(path);
  const { faults } = await verify(view, []).finally(() => view.close());
  return { words: mails.map(({ content }) => content.toString()), faults };
}

const weeks = ['2026-W10', '2026-W11', '2026-W12', '2026-W20'];

suite('retention', (test) => {
  test('the end of a week is elsewhere', () => {
    for (let day = 0; day < 4000; day++) {
      const time = Date.UTC(2020, 0, 1) + day * 86_400_000;
      const end = weekEnd(isoWeek(time));
      assert.ok(end > time && end <= time + 7 * 86_400_000, isoWeek(time));
      assert.not.equal(isoWeek(end), isoWeek(time));
      assert.equal(isoWeek(end - 1), isoWeek(time));
    }
  });

  test('a segment goes before all that it may hold is old, or the last one, or one without a checkpoint', async () => {
    const disk = await journalOf(weeks);
    const numbers = async (before: number) =>
      (await findOld(disk, '/journal', before)).segments.map(({ segment }) => segment);
    assert.equal(await numbers(weekEnd('2026-W11') - 1), []);
    assert.equal(await numbers(weekEnd('2026-W11')), [0]);
    assert.equal(await numbers(weekEnd('2026-W12')), [0, 1]);
    assert.equal(await numbers(weekEnd('2026-W20') - 1), [0, 1]);
    assert.equal(await numbers(Date.UTC(2100, 0, 1)), [0, 1, 2]);
    const [lane = ''] = (await disk.list('/journal')).filter((name) => name.startsWith('lane-'));
    await disk.removeUnfinished(`/journal/${lane}/segment-00000001/checkpoint`);
    assert.equal(await numbers(Date.UTC(2100, 0, 1)), [0, 2]);
  });

  test('a fault, a crash or a loss of power at any moment leaves half a segment, or costs another', () =>
    withFolder(async (folder) => {
      const made = await journalOf(weeks);
      const old = (await findOld(made, '/journal', weekEnd('2026-W12'))).segments;
      let faults = 0;
      for (const lasting of [false, true])
        for (let n = 0; ; n += lasting ? 4 : 1) {
          const disk = made.after('kill');
          let fired = false;
          disk.behaviour = {
            fault: (at) => {
              if (at !== n && !(lasting && at > n)) return undefined;
              fired = true;
              return 'error';
            },
          };
          const done = await dropSegments(disk, '/journal', old).then(
            () => true,
            () => false,
          );
          if (!fired) break;
          faults++;
          const tear = (length: number) => bytesFrom(`tear ${n}`, length);
          for (const ending of ['kill', 'power cut', tear] as const) {
            const image = disk.after(ending);
            await finishDropping(image, '/journal');
            const { words, faults } = await state(image, join(folder, 'image'));
            assert.equal(faults, [], `fault ${n}`);
            assert.equal(words.slice(-2), ['2026-W12', '2026-W20']);
            if (done) assert.is(words.length, 2);
            for (const word of words) assert.ok(weeks.includes(word));
          }
        }
      assert.ok(faults > 25, `${faults} faults`);
    }));
});
