/** Files: what their modes and times show of the mail in them. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { nodeDisk } from '../../src/journal/disk.js';
import { constantTime } from '../../src/journal/names.js';
import { chance } from '../support/chance.js';
import { withFolder } from '../support/folder.js';
import { assert, suite } from '../support/suite.js';
import { TestDisk } from '../support/test-disk.js';
import { until } from '../support/until.js';
import { openLane, sendPlain } from './make-lane.js';

suite('what files show', (test) => {
  test('others can read the journal, or its times tell when mail came', async () => {
    await withFolder(async (folder) => {
      const journal = join(folder, 'journal');
      const { lane } = await openLane(nodeDisk, { folder: journal, random: chance('times') });
      await sendPlain(lane, 'mail');
      await sendPlain(lane, 'more mail');
      await lane.close();
      const all = readdirSync(journal, { recursive: true, encoding: 'utf8' });
      assert.is(all.length, 10, all.join(' '));
      for (const name of all) {
        const { mode, mtimeMs } = statSync(join(journal, name));
        assert.is(mode & 0o077, 0, name);
        assert.is(mtimeMs / 1000, constantTime, name);
      }
    });
  });

  test('what the next server reads of a segment tells when it was started', async () => {
    await withFolder(async (folder) => {
      const journal = join(folder, 'journal');
      for (const time of ['first', 'second']) {
        const { lane } = await openLane(nodeDisk, { folder: journal, random: chance(`${time} start`) });
        if (time === 'first') await sendPlain(lane, 'mail');
        await lane.close();
      }
      for (const name of readdirSync(journal, { recursive: true, encoding: 'utf8' }))
        if (/segment-\d+\/(?!checkpoint)/.test(name))
          assert.is(statSync(join(journal, name)).atimeMs / 1000, constantTime, name);
    });
  });

  test('a new file has its name before it has its time: a crash in between would tell when it was made', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk);
    await sendPlain(lane, 'mail');
    await lane.close();
    const before = (path: string, moment: number) =>
      disk.done.some(
        (done) => /^set(Folder)?Time$/.test(done.operation) && done.path === path && done.ended < moment,
      );
    const renamed = disk.done.filter(({ operation }) => operation === 'rename');
    assert.is(renamed.length, 4, 'journal, lane, segment, checkpoint');
    for (const { path, began } of renamed) {
      const made = disk.done.filter(
        (one) =>
          /^(create|makeFolder)$/.test(one.operation) && one.path.startsWith(path) && one.began < began,
      );
      assert.ok(made.length > 0, path);
      for (const one of made) assert.ok(before(one.path, began), one.path);
    }
  });

  test('file times tell of mail while the server runs', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk);
    await sendPlain(lane, 'mail');
    const written = disk.done.length;
    const set = () =>
      disk.done.slice(written).flatMap(({ operation, path }) => (operation === 'setTime' ? [path] : []));
    for (const name of ['blocks', 'channels', 'channels.mirror', 'envelopes', 'synced'])
      await until(`the time of ${name} is set`, () => set().some((path) => path.endsWith(`/${name}`)));
    await lane.close();
  });
});
