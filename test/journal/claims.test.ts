import { cellSizes } from '../../src/format/cell.js';
import { decodeClaim } from '../../src/format/claim.js';
import { headSize } from '../../src/format/head.js';
import { type Stream, streams } from '../../src/format/place.js';
import { assert, suite } from '../support/suite.js';
import { type Done, TestDisk } from '../support/test-disk.js';
import { until } from '../support/until.js';
import { appendBlock, claimOn, Gate, headOn, openLane, segmentsOn, sendPlain, settle } from './make-lane.js';

const numbers = (disk: TestDisk) => [...segmentsOn(disk).keys()].sort((a, b) => a - b);

const claimsOn = (disk: TestDisk) =>
  disk.done.filter(({ operation, file }) => operation === 'write' && file?.name === 'synced');

/** The claim is rewritten soon after a burst of writes. */
async function settled(disk: TestDisk): Promise<void> {
  const ended = () => claimsOn(disk).filter((claim) => claim.ended >= 0).length;
  const before = ended();
  await until('a claim is written', () => ended() > before);
}

suite('claims', (test) => {
  /** Cells of a file that were synced for certain before a moment. */
  const safeCells = (done: readonly Done[], path: string, stream: Stream, before: number) => {
    const own = done.filter((one) => one.file?.path === path);
    const end = (moment: number) =>
      own
        .filter(
          ({ operation, failed, ended }) => operation === 'write' && !failed && ended >= 0 && ended < moment,
        )
        .reduce((most, { offset, bytes }) => Math.max(most, offset + bytes.length), 0);
    const syncs = own.filter(
      ({ operation, failed, ended }) => operation === 'sync' && !failed && ended >= 0 && ended < before,
    );
    return Math.max(0, ...syncs.map(({ began }) => Math.floor((end(began) - headSize) / cellSizes[stream])));
  };

  test('a claim is ahead of the disk, or goes back', async () => {
    const disk = new TestDisk();
    const { lane, sealing } = await openLane(disk, { maxStreamSize: 20 * 16_384 });
    let turn = 0;
    disk.behaviour = {
      // Syncs and writes overtake one another.
      delay: async (operation) => {
        if (operation !== 'sync' && operation !== 'write') return;
        const turns = (turn++ * 7) % 5;
        for (let wait = 0; wait < turns; wait++) await new Promise((resolve) => setImmediate(resolve));
      },
    };
    for (let round = 0; round < 12; round++) {
      sealing.needy.add(`registered ${round}`);
      await Promise.all([
        ...[0, 1, 2].map((index) => sendPlain(lane, `mail ${round} ${index}`)),
        lane.commitChannels([`registered ${round}`]),
      ]);
      if (round % 2 === 0) await settled(disk);
    }
    await lane.close();
    const claims = claimsOn(disk);
    assert.ok(claims.length > 8, `only ${claims.length} claims`);
    const last = new Map<string, number>();
    for (const claim of claims) {
      const folder = (claim.file?.path ?? '').replace(/\/synced$/, '');
      const head = headOn(disk, Number(folder.slice(-8)));
      const counts = decodeClaim(claim.bytes, head);
      assert.ok(counts);
      for (const stream of streams)
        for (const name of stream === 'channels' ? ['channels', 'channels.mirror'] : [stream]) {
          const path = `${folder}/${name}`;
          const safe = safeCells(disk.done, path, stream, claim.began);
          assert.ok(counts[stream] <= safe, `${name}: ${counts[stream]} claimed, ${safe} synced`);
          assert.ok(counts[stream] >= (last.get(path) ?? 0), `${name} went back`);
          last.set(path, counts[stream]);
        }
    }
    const { blocks, envelopes, channels } = claimOn(disk, Math.max(...numbers(disk))) ?? {};
    const { previous } = headOn(disk, 1);
    assert.ok(previous && previous.extents.blocks.claim === previous.extents.blocks.end);
    assert.ok(blocks && envelopes && channels, 'the last claim was not written');
  });

  test('what was written while a sync ran is claimed with it', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk);
    const first = await appendBlock(lane, 'first');
    await settle();
    const gate = new Gate();
    disk.behaviour = {
      delay: (operation, path) =>
        operation === 'sync' && path.endsWith('/blocks') ? gate.passed : undefined,
    };
    const commit = lane.commit([first], ['first']);
    await settle();
    // So many are written without waiting for a commit.
    for (let block = 0; block < 16; block++) await appendBlock(lane, 'written during the sync');
    await settle();
    const size = segmentsOn(disk).get(0)?.blocks?.bytes.length ?? 0;
    assert.is(size, headSize + 17 * cellSizes.blocks);
    gate.open();
    await commit;
    await until('the first block is claimed', () => claimOn(disk, 0)?.blocks !== 0);
    assert.is(claimOn(disk, 0)?.blocks, 1);
    await lane.close();
    assert.is(claimOn(disk, 0)?.blocks, 17);
  });

  test('two syncs of one file run at once, and the failure of one is told to the other alone', async () => {
    const disk = new TestDisk();
    const { lane, sealing } = await openLane(disk);
    await lane.begin();
    const begun = disk.done.length;
    const gate = new Gate();
    disk.behaviour = { delay: (operation) => (operation === 'sync' ? gate.passed : undefined) };
    sealing.needy.add('one');
    const one = lane.commitChannels(['one']);
    await settle();
    sealing.needy.add('two');
    const two = lane.commitChannels(['two']);
    await settle();
    const syncs = disk.done.slice(begun).filter(({ operation }) => operation === 'sync');
    assert.equal(syncs.map(({ path }) => path.split('/').at(-1)).sort(), ['channels', 'channels.mirror']);
    gate.open();
    await Promise.all([one, two]);
    await until('both are claimed', () => claimOn(disk, 0)?.channels === 3);
    await lane.close();
  });
});
