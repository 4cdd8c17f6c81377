/** Segments: when they end, what they are called, what they leave behind, and what their files show. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cellSizes } from '../../src/format/cell.js';
import { decodeClaim } from '../../src/format/claim.js';
import { headSize } from '../../src/format/head.js';
import { type Disk, nodeDisk } from '../../src/journal/disk.js';
import { chance } from '../support/chance.js';
import { withFolder } from '../support/folder.js';
import { quickDisk } from '../support/quick-disk.js';
import { assert, suite } from '../support/suite.js';
import { TestDisk } from '../support/test-disk.js';
import { claimOn, headOn, openLane, segmentsOn, sendPlain, settle } from './make-lane.js';

const numbers = (disk: TestDisk) => [...segmentsOn(disk).keys()].sort((a, b) => a - b);

async function rejected(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'accepted',
    () => 'refused',
  );
}

suite('segments', (test) => {
  test('a segment grows over its size', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk, { maxStreamSize: 3 * 16_384 });
    for (let mail = 0; mail < 10; mail++) await sendPlain(lane, `mail ${mail}`);
    await lane.close();
    assert.equal(numbers(disk), [0, 1, 2, 3]);
    for (const number of [0, 1, 2]) assert.is(claimOn(disk, number)?.blocks, 3);
    assert.is(claimOn(disk, 3)?.blocks, 1);
  });

  test('a segment grows over its size by envelopes or channels alone', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk, { maxStreamSize: 8 * 1280 });
    for (let commit = 0; commit < 6; commit++) await lane.commit([], ['envelope']);
    await lane.close();
    assert.equal(numbers(disk), [0, 1, 2]);
  });

  test('a segment has channels without end', async () => {
    const disk = new TestDisk();
    const { lane, sealing } = await openLane(disk, { maxChannels: 4 });
    for (let number = 0; number < 8; number++) {
      sealing.needy.add(`mail ${number}`);
      await sendPlain(lane, `mail ${number}`);
    }
    await lane.close();
    // Each begins with one channel, and ends when three more were opened.
    const counts = [...segmentsOn(disk).keys()].map((segment) => claimOn(disk, segment)?.channels);
    assert.equal(counts, [4, 4, 3]);
  });

  test('a commit has envelopes without end, or a mail with many waits for ever', () =>
    withFolder(async (folder) => {
      const syncs: string[] = [];
      const disk: Disk = {
        ...quickDisk,
        async create(path) {
          const file = await quickDisk.create(path);
          if (path.endsWith('/envelopes')) file.sync = async () => void syncs.push(path);
          return file;
        },
      };
      const { lane } = await openLane(disk, { folder: join(folder, 'journal') });
      await lane.begin();
      const before = syncs.length;
      const mails = [10_000, 6000, 20_000, 1].map((count) => Array.from({ length: count }, () => 'x'));
      const sealed = await Promise.all(mails.map((envelopes) => lane.commit([], envelopes)));
      assert.equal(
        sealed.map(({ length }) => length),
        [10_000, 6000, 20_000, 1],
      );
      // 16 384 are enough for one: the first two came together.
      assert.is(syncs.length - before, 3);
      await lane.close();
    }));

  test('a segment outlives its week', async () => {
    const disk = new TestDisk();
    let week = '2026-W47';
    const { lane } = await openLane(disk, { week: () => week });
    await sendPlain(lane, 'this week');
    week = '2026-W48';
    await settle();
    assert.equal(numbers(disk), [0], 'a segment began because a clock struck');
    await sendPlain(lane, 'next week');
    await lane.close();
    assert.equal([headOn(disk, 0).week, headOn(disk, 1).week], ['2026-W47', '2026-W48']);
  });

  test('the first cells of a segment tell how much mail there was', async () => {
    const seen = { envelopes: new Set<number>(), blocks: new Set<number>() };
    for (let time = 0; time < 12; time++) {
      const disk = new TestDisk();
      const { lane } = await openLane(disk, { random: chance(`fillers ${time}`) });
      await lane.begin();
      const claim = claimOn(disk, 0);
      seen.envelopes.add(claim?.envelopes ?? 0);
      seen.blocks.add(claim?.blocks ?? 0);
      await lane.close();
    }
    for (const counts of [seen.envelopes, seen.blocks]) {
      assert.ok(counts.size > 6, [...counts].join());
      assert.ok(Math.max(...counts) > 31 && Math.max(...counts) <= 63);
    }
  });

  test('a process begins a segment before mail comes, or goes on in the one before', async () => {
    const disk = new TestDisk();
    const first = await openLane(disk);
    await sendPlain(first.lane, 'first');
    await first.lane.close();
    const second = await openLane(disk);
    assert.equal(numbers(disk), [0]);
    await sendPlain(second.lane, 'second');
    await second.lane.close();
    assert.equal(numbers(disk), [0, 1]);
    const { previous } = headOn(disk, 1);
    assert.equal(previous?.id, headOn(disk, 0).id);
    assert.equal(previous?.extents.envelopes, { claim: 4, end: 4 });
  });

  test('a number is used again after a segment that cannot be read', async () => {
    const disk = new TestDisk();
    const first = await openLane(disk);
    await sendPlain(first.lane, 'first');
    await first.lane.close();
    for (const file of Object.values(segmentsOn(disk).get(0) ?? {})) file.bytes = file.bytes.fill(7, 0, 4096);
    const second = await openLane(disk);
    await sendPlain(second.lane, 'second');
    await second.lane.close();
    assert.equal(numbers(disk), [0, 1]);
    assert.is(headOn(disk, 1).previous?.segment, 0);
  });

  test('a restart changes or shortens what it finds', async () => {
    const disk = new TestDisk();
    const first = await openLane(disk);
    await sendPlain(first.lane, 'first');
    // No good end: a torn cell behind the last whole one.
    const after = disk.after('kill');
    for (const file of Object.values(segmentsOn(after).get(0) ?? {}))
      file.bytes = Buffer.concat([file.bytes, Buffer.alloc(700, 1)]);
    const before = Object.entries(segmentsOn(after).get(0) ?? {}).map(([name, file]) => [
      name,
      Buffer.from(file.bytes).toString('base64'),
    ]);
    const second = await openLane(after);
    await sendPlain(second.lane, 'second');
    await second.lane.close();
    const { checkpoint, ...cells } = segmentsOn(after).get(0) ?? {};
    assert.ok(checkpoint, 'the one thing that is added');
    const now = Object.entries(cells).map(([name, file]) => [
      name,
      Buffer.from(file.bytes).toString('base64'),
    ]);
    assert.equal(now, before);
    assert.equal(
      after.done.filter(
        ({ operation, path }) =>
          operation === 'write' && path.includes('segment-00000000') && !path.includes('checkpoint'),
      ),
      [],
    );
    await first.lane.close();
  });

  test('a segment is begun on the last one before that is synced', async () => {
    const disk = new TestDisk();
    const first = await openLane(disk);
    await sendPlain(first.lane, 'first');
    const after = disk.after('kill');
    const second = await openLane(after);
    await second.lane.begin();
    const made =
      after.done.find(({ operation, path }) => operation === 'create' && path.includes('unfinished'))
        ?.began ?? -1;
    for (const name of ['blocks', 'envelopes', 'channels', 'channels.mirror']) {
      const sync = after.done.find(
        ({ operation, path }) => operation === 'sync' && path.endsWith(`segment-00000000/${name}`),
      );
      assert.ok(sync && !sync.failed && sync.ended < made, name);
    }
    await Promise.all([first.lane.close(), second.lane.close()]);
  });

  test('leftovers of a segment that was not finished stay, or stop the next one', async () => {
    await withFolder(async (folder) => {
      const options = { folder: join(folder, 'journal'), random: chance('leftovers') };
      const first = await openLane(nodeDisk, options);
      await sendPlain(first.lane, 'first');
      await first.lane.close();
      const lane = join(
        options.folder,
        readdirSync(options.folder).find((name) => name.startsWith('lane-')) as string,
      );
      mkdirSync(join(lane, 'unfinished'));
      writeFileSync(join(lane, 'unfinished', 'channels'), 'half a head');
      mkdirSync(join(options.folder, 'lane.unfinished'));
      const second = await openLane(nodeDisk, options);
      await sendPlain(second.lane, 'second');
      await second.lane.close();
      assert.equal(readdirSync(lane).sort(), ['lane', 'segment-00000000', 'segment-00000001']);
    });
  });

  test('a segment shows under its name before it is whole and synced', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk);
    await lane.begin();
    const rename = disk.done.find(
      ({ operation, path }) => operation === 'rename' && path.endsWith('/unfinished'),
    );
    const names = ['channels', 'channels.mirror', 'envelopes', 'blocks', 'synced'];
    for (const name of names) {
      const sync = disk.done.find(
        ({ operation, path }) => operation === 'sync' && path.endsWith(`/unfinished/${name}`),
      );
      assert.ok(sync && rename && sync.ended < rename.began, name);
    }
    assert.ok(
      disk.done.some(
        ({ operation, began, ended }) =>
          operation === 'syncFolder' && rename && began > rename.ended && ended > 0,
      ),
    );
    await lane.close();
  });

  test('a journal is gone after a power cut, although mail was accepted into it', async () => {
    const disk = new TestDisk();
    disk.root.sync();
    const { lane } = await openLane(disk);
    await sendPlain(lane, 'accepted');
    const after = disk.after('power cut');
    await lane.close();
    assert.equal(numbers(after), [0]);
    const { blocks, envelopes, channels, synced } = segmentsOn(after).get(0) ?? {};
    assert.is(blocks?.bytes.length, headSize + cellSizes.blocks);
    assert.is(envelopes?.bytes.length, headSize + 4 * cellSizes.envelopes);
    assert.is(channels?.bytes.length, headSize + cellSizes.channels);
    assert.ok(synced && decodeClaim(synced.bytes, headOn(after, 0)));
  });

  for (const operation of [
    'create',
    'write',
    'sync',
    'rename',
    'syncFolder',
    'makeFolder',
    'setTime',
    'setFolderTime',
  ] as const)
    test(`a segment that cannot be made (${operation}) stops all mail for good`, async () => {
      // The n-th such operation fails while a segment is made; then the disk is well again.
      for (let n = 0; n < 8; n++) {
        const disk = new TestDisk();
        const { lane } = await openLane(disk);
        let count = 0;
        disk.behaviour = { fault: (_, done) => (done === operation && count++ === n ? 'error' : undefined) };
        const first = await rejected(sendPlain(lane, 'first'));
        if (count <= n) {
          await lane.close();
          break;
        }
        disk.behaviour = {};
        assert.is(await rejected(sendPlain(lane, 'second')), 'accepted', `${operation} ${n}, first ${first}`);
        assert.is(await rejected(sendPlain(lane, 'third')), 'accepted');
        await lane.close();
        const last = Math.max(...numbers(disk));
        assert.is(headOn(disk, last).previous?.segment, last === 0 ? undefined : last - 1);
        assert.equal(disk.violations, []);
      }
    });

  test('a folder that cannot be synced for good makes one segment after another', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk);
    disk.behaviour = {
      fault: (_, operation, path) =>
        operation === 'syncFolder' && !path.endsWith('unfinished') ? 'error' : undefined,
    };
    for (let mail = 0; mail < 3; mail++) assert.is(await rejected(sendPlain(lane, 'mail')), 'refused');
    assert.ok(numbers(disk).length <= 3, `${numbers(disk).length} segments`);
    await lane.close();
  });
});
