/** Checkpoints as a writer leaves them: what they cover, when they come, and what they survive. */
import { equal, hex } from '../../src/core/bytes.js';
import { cellSizes, checkedHash, leafData } from '../../src/format/cell.js';
import { checkpointHash, decodeCheckpoint, keyIdOf } from '../../src/format/checkpoint.js';
import { headSize } from '../../src/format/head.js';
import { type Stream, streams } from '../../src/format/place.js';
import { TreeEdge } from '../../src/format/tree.js';
import { constantTime } from '../../src/journal/names.js';
import { isSignedBy } from '../../src/seal/signing.js';
import { sealAgain } from '../support/seal-again.js';
import { laneKey, signersInMemory } from '../support/signers.js';
import { assert, suite } from '../support/suite.js';
import { TestDisk } from '../support/test-disk.js';
import { type TestFile, TestFolder } from '../support/test-tree.js';
import { until } from '../support/until.js';
import { appendBlock, claimOn, headOn, openLane, segmentsOn, sendPlain } from './make-lane.js';

function checkpointOn(disk: TestDisk, segment = 0) {
  const file = segmentsOn(disk).get(segment)?.checkpoint;
  return file && { file, ...decodeCheckpoint(file.bytes, `segment ${segment}`) };
}

/** The root of the first cells of a stream, from its file alone. */
function rootOf(disk: TestDisk, segment: number, stream: Stream, size: number): Uint8Array {
  const tree = new TreeEdge();
  const bytes = segmentsOn(disk).get(segment)?.[stream]?.bytes ?? new Uint8Array(0);
  for (let number = 0; number < size; number++) {
    const at = headSize + number * cellSizes[stream];
    const cell = bytes.subarray(at, at + cellSizes[stream]);
    const hash = checkedHash(cell, headOn(disk, segment), stream, number) as Uint8Array;
    tree.append(leafData(cell, hash, stream));
  }
  return tree.root();
}

/** It is signed by its lane, and its roots are those of the files. */
function assertTrue(disk: TestDisk, segment = 0): void {
  const found = checkpointOn(disk, segment);
  assert.ok(found, `segment ${segment} has no checkpoint`);
  const signer = laneKey(found.lane).publicKey;
  assert.ok(
    isSignedBy(signer, found.text, found.signature) && equal(found.keyId, keyIdOf(found.lane, signer)),
  );
  assert.ok(equal(found.id, headOn(disk, segment).id));
  for (const stream of streams) {
    const { size, root } = found.trees[stream];
    assert.ok(equal(root, rootOf(disk, segment, stream, size)), `root of ${stream}`);
  }
}

const sizes = (disk: TestDisk, segment = 0) => {
  const found = checkpointOn(disk, segment);
  return found && streams.map((stream) => found.trees[stream].size);
};

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
/** Waits for a checkpoint of so many cells of a segment: channels, envelopes, blocks. */
const covered = (disk: TestDisk, cells: string, segment = 0) =>
  until(
    () => `segment ${segment}: ${sizes(disk, segment)} covered, and not ${cells}`,
    () => String(sizes(disk, segment)) === cells,
  );

suite('checkpoints of a writer', (test) => {
  test('a mail that no checkpoint covers a second and a half later, or before it was asked for', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk);
    const began = performance.now();
    await sendPlain(lane, 'mail');
    // It comes a second after the segment was begun, which a busy machine may take for the mail.
    if (performance.now() - began < 900) assert.is(checkpointOn(disk), undefined, 'while the client waited');
    await covered(disk, '1,4,1');
    assertTrue(disk);
    const signed = disk.done.filter(({ path }) => path.includes('checkpoint')).length;
    await pause(1200);
    assert.is(disk.done.filter(({ path }) => path.includes('checkpoint')).length, signed, 'a clock signs');
    await lane.close();
  });

  test('a segment that ended without a true and durable checkpoint of all its cells', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk);
    for (let mail = 0; mail < 300; mail++) await sendPlain(lane, `mail ${mail}`);
    await lane.close();
    assert.equal(sizes(disk), [1, 1200, 300]);
    assertTrue(disk);
    assertTrue(disk.after('power cut'));
    const { file } = checkpointOn(disk) as { file: TestFile };
    assert.is(file.time, constantTime);
    assert.is(file.parent?.time, constantTime);
  });

  test('three segments whose checkpoints do not name one another', async () => {
    const disk = new TestDisk();
    let week = 40;
    const { lane } = await openLane(disk, { week: () => `2026-W${week}` });
    for (; week < 43; week++) await sendPlain(lane, `week ${week}`);
    await lane.close();
    assert.is(checkpointOn(disk, 0)?.previous, undefined);
    for (const segment of [1, 2]) {
      assertTrue(disk, segment);
      const { previous } = checkpointOn(disk, segment) as { previous: { segment: number; hash: Uint8Array } };
      const before = checkpointOn(disk, segment - 1) as { file: TestFile };
      assert.is(previous.segment, segment - 1);
      assert.ok(equal(previous.hash, checkpointHash(before.file.bytes)));
    }
  });

  test('a checkpoint of cells that were never synced', async () => {
    for (const operation of ['sync', 'write'] as const)
      for (const name of ['envelopes', 'blocks']) {
        const disk = new TestDisk();
        const { lane } = await openLane(disk);
        await sendPlain(lane, 'safe');
        disk.behaviour = {
          fault: (_, what, path) =>
            what === operation && path.endsWith(`segment-00000000/${name}`) ? 'error' : undefined,
        };
        await sendPlain(lane, 'lost').catch(() => undefined);
        disk.behaviour = {};
        await sendPlain(lane, 'later');
        await lane.close();
        assert.equal(sizes(disk, 0), [1, 4, 1]);
        assertTrue(disk.after('power cut'), 0);
        assertTrue(disk, 1);
      }
  });

  test('a checkpoint that cannot be written costs a mail, or the one before it', async () => {
    const ways = ['create', 'write', 'sync', 'rename', 'removeUnfinished', 'syncFolder'].flatMap(
      (operation) => (['error', 'half'] as const).map((fault) => ({ operation, fault })),
    );
    await Promise.all(
      ways.map(async ({ operation, fault }) => {
        const disk = new TestDisk();
        const { lane } = await openLane(disk);
        await sendPlain(lane, 'first');
        await covered(disk, '1,4,1');
        disk.behaviour = {
          fault: (_, what, path) =>
            what === operation && (path.includes('checkpoint') || what === 'syncFolder') ? fault : undefined,
        };
        await sendPlain(lane, 'second');
        await lane.close();
        disk.behaviour = {};
        assertTrue(disk);
        assert.ok(['1,4,1', '1,8,2'].includes(String(sizes(disk))), operation);
        const next = await openLane(disk);
        await sendPlain(next.lane, 'third');
        await covered(disk, '1,8,2');
        await next.lane.close();
        assert.equal(sizes(disk, 0), [1, 8, 2], 'it is closed by the next process');
        assertTrue(disk, 0);
        assertTrue(disk, 1);
      }),
    );
  });

  test('a successor names another checkpoint than the one that stands', async () => {
    const ways = (['syncFolder', 'setFolderTime'] as const).flatMap((what) =>
      [false, true].map((isCovered) => ({ what, isCovered })),
    );
    await Promise.all(
      ways.map(async ({ what, isCovered }) => {
        const disk = new TestDisk();
        let week = 40;
        const { lane } = await openLane(disk, { week: () => `2026-W${week}` });
        await sendPlain(lane, 'first');
        if (isCovered) await covered(disk, '1,4,1');
        await sendPlain(lane, 'second');
        let failures = 0;
        disk.behaviour = {
          fault: (_, operation, path) =>
            operation === what && path.endsWith('segment-00000000') && failures++ === 0 ? 'error' : undefined,
        };
        week++;
        await sendPlain(lane, 'in the next week');
        disk.behaviour = {};
        await lane.close();
        assert.is(failures > 0, true);
        const named = checkpointOn(disk, 1)?.previous?.hash as Uint8Array;
        assert.ok(equal(named, checkpointHash(checkpointOn(disk, 0)?.file.bytes as Uint8Array)), what);
      }),
    );
  });

  test('a claim that a loss of power set back makes untouched mail look changed', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk);
    await sendPlain(lane, 'mail');
    const old = segmentsOn(disk).get(0)?.synced?.bytes.slice() as Uint8Array;
    await covered(disk, '1,4,1');
    const after = disk.after('kill');
    await lane.close();
    (segmentsOn(after).get(0)?.synced as TestFile).bytes = old;
    let changed = 0;
    const next = await openLane(after, { onChanged: () => changed++ });
    await sendPlain(next.lane, 'after');
    await next.lane.close();
    assert.is(changed, 0);
    assert.equal(headOn(after, 1).previous?.extents.envelopes, { claim: 4, end: 4 });
  });

  test('a checkpoint that a loss of power cut off is taken for tampering, and stays', async () => {
    const { disk, cells } = await killed();
    (cells.checkpoint as TestFile).bytes = new Uint8Array(0);
    let changed = 0;
    const next = await openLane(disk, { onChanged: () => changed++ });
    await until('a checkpoint', () => (segmentsOn(disk).get(0)?.checkpoint?.bytes.length ?? 0) > 0);
    await next.lane.close();
    assert.is(changed, 0);
    assert.equal(sizes(disk, 0), [1, 8, 2]);
    assertTrue(disk, 0);
  });

  test('a checkpoint is named before it is sure to last', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk);
    await sendPlain(lane, 'mail');
    await covered(disk, '1,4,1');
    const after = disk.after('kill');
    await lane.close();
    const next = await openLane(after);
    await sendPlain(next.lane, 'after');
    await next.lane.close();
    const cut = after.after('power cut');
    const named = checkpointOn(cut, 1)?.previous?.hash as Uint8Array;
    assert.ok(equal(named, checkpointHash(checkpointOn(cut, 0)?.file.bytes as Uint8Array)));
  });

  test('what a kill left open stays open, or is closed without a look at the cells', async () => {
    for (const isCovered of [false, true]) {
      const disk = new TestDisk();
      const first = await openLane(disk);
      for (let mail = 0; mail < 40; mail++) await sendPlain(first.lane, `mail ${mail}`);
      await until('all are claimed', () => claimOn(disk, 0)?.envelopes === 160);
      if (isCovered) await covered(disk, '1,160,40');
      const after = disk.after('kill');
      await first.lane.close();
      let changed = 0;
      const second = await openLane(after, { onChanged: () => changed++ });
      await sendPlain(second.lane, 'after the crash');
      await covered(after, '1,4,1', 1);
      await second.lane.close();
      assert.is(changed, 0);
      const claim = claimOn(after, 0) as Record<Stream, number>;
      assert.equal(
        sizes(after, 0),
        streams.map((stream) => claim[stream]),
      );
      for (const segment of [0, 1]) assertTrue(after, segment);
      const before = checkpointOn(after, 0) as { file: TestFile };
      assert.ok(
        equal(checkpointOn(after, 1)?.previous?.hash as Uint8Array, checkpointHash(before.file.bytes)),
      );
    }
  });

  test('a cell that was exchanged while no server ran is signed, and nobody is told', async () => {
    const { disk, cells } = await killed();
    // Envelope 1 in the place of envelope 2, with a good check: as whoever can write would do it.
    sealAgain(cells.envelopes as TestFile, headOn(disk, 0), 'envelopes', 2, 1);
    const before = checkpointOn(disk, 0)?.file.bytes;
    let changed = 0;
    const second = await openLane(disk, { onChanged: () => changed++ });
    await sendPlain(second.lane, 'after');
    await until('somebody is told', () => changed > 0);
    await second.lane.close();
    assert.is(changed, 1);
    assert.ok(equal(checkpointOn(disk, 0)?.file.bytes as Uint8Array, before as Uint8Array), 'signed anew');
    assertTrue(disk, 1);
  });

  test('damage is taken for tampering, or is signed over', async () => {
    const { disk, cells } = await killed();
    (cells.blocks as TestFile).bytes[headSize + 9] =
      1 ^ ((cells.blocks as TestFile).bytes[headSize + 9] as number);
    const before = checkpointOn(disk, 0)?.file.bytes;
    let changed = 0;
    const second = await openLane(disk, { onChanged: () => changed++ });
    await sendPlain(second.lane, 'after');
    await second.lane.close();
    assert.is(changed, 0);
    assert.ok(equal(checkpointOn(disk, 0)?.file.bytes as Uint8Array, before as Uint8Array));
  });

  test('a lane whose key is not here is gone on with', async () => {
    const disk = new TestDisk();
    const first = await openLane(disk);
    await sendPlain(first.lane, 'mine');
    await first.lane.close();
    const journal = disk.root.entries.get('journal') as TestFolder;
    const [mine] = [...journal.entries.keys()].filter((name) => name.startsWith('lane-'));
    const images = () => JSON.stringify(imageOf(journal.entries.get(mine as string) as TestFolder));
    const before = images();
    const second = await openLane(disk, { signers: signersInMemory((lane) => mine === `lane-${hex(lane)}`) });
    await sendPlain(second.lane, 'in another lane');
    await second.lane.close();
    assert.is([...journal.entries.keys()].filter((name) => name.startsWith('lane-')).length, 2);
    assert.is(images(), before);
  });

  test('blocks that were appended, and are not in a commit yet, are covered', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk);
    await sendPlain(lane, 'mail');
    await appendBlock(lane, 'open');
    await covered(disk, '1,4,1');
    assert.equal(sizes(disk), [1, 4, 1]);
    await lane.close();
    assert.equal(sizes(disk), [1, 4, 2]);
  });
});

/** Everything in a folder. */
function imageOf(folder: TestFolder): unknown {
  return [...folder.entries].map(([name, entry]) =>
    entry instanceof TestFolder ? imageOf(entry) : [name, Buffer.from(entry.bytes).toString('base64')],
  );
}

/** A writer that had a checkpoint, took more mail, and was killed. */
async function killed(): Promise<{ disk: TestDisk; cells: Record<string, TestFile> }> {
  const disk = new TestDisk();
  const { lane } = await openLane(disk);
  await sendPlain(lane, 'first');
  await covered(disk, '1,4,1');
  await sendPlain(lane, 'second');
  await until('both are claimed', () => claimOn(disk, 0)?.envelopes === 8);
  const after = disk.after('kill');
  await lane.close();
  return { disk: after, cells: segmentsOn(after).get(0) ?? {} };
}
