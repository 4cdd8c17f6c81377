/** Commits: what was promised is on the disk, and one failure costs what it must and no more. */
import { LostBlocks } from '../../src/journal/group-commit.js';
import { chance } from '../support/chance.js';
import { assert, suite } from '../support/suite.js';
import { type DiskOperation, TestDisk } from '../support/test-disk.js';
import { until } from '../support/until.js';
import {
  appendBlock,
  claimOn,
  Gate,
  headOn,
  isSettled,
  openLane,
  segmentsOn,
  sendPlain,
  settle,
} from './make-lane.js';

/** Fails the next operation of this kind on a file of this name, once. */
function failOnce(
  disk: TestDisk,
  operation: DiskOperation,
  name: string,
  how: 'error' | 'half' = 'error',
): void {
  let failed = false;
  disk.behaviour = {
    ...disk.behaviour,
    fault: (_, done, path) => {
      if (failed || done !== operation || !path.endsWith(`/${name}`)) return undefined;
      failed = true;
      return how;
    },
  };
}

async function rejected(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.unreachable('it was accepted'),
    (error: unknown) => error,
  );
}

suite('commits', (test) => {
  test('a mail is accepted before its block, or before its envelope, is synced', async () => {
    for (const name of ['blocks', 'envelopes']) {
      const disk = new TestDisk();
      const { lane } = await openLane(disk);
      const run = await appendBlock(lane, 'first');
      const gate = new Gate();
      disk.behaviour = {
        delay: (operation, path) => (operation === 'sync' && path.endsWith(name) ? gate.passed : undefined),
      };
      const commit = lane.commit([run], ['first']);
      assert.not.ok(await isSettled(commit), `not yet synced: ${name}`);
      gate.open();
      assert.equal(await commit, [true]);
      await lane.close();
    }
  });

  test('a mail is accepted before it was even written', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk);
    const run = await appendBlock(lane, 'first');
    const gate = new Gate();
    disk.behaviour = {
      delay: (operation, path) =>
        operation === 'write' && path.endsWith('blocks') ? gate.passed : undefined,
    };
    const commit = lane.commit([run], ['first']);
    await settle();
    const syncs = disk.done.filter(
      ({ operation, path }) => operation === 'sync' && path.endsWith('segment-00000000/blocks'),
    );
    assert.is(syncs.length, 0, 'a sync began before the write ended');
    gate.open();
    await commit;
    await lane.close();
  });

  test('a mail is accepted before the channel is synced that it needs', async () => {
    const disk = new TestDisk();
    const { lane, sealing } = await openLane(disk);
    await lane.begin();
    const gate = new Gate();
    disk.behaviour = {
      delay: (operation, path) =>
        operation === 'sync' && path.endsWith('channels') ? gate.passed : undefined,
    };
    sealing.needy.add('first');
    const commit = lane.commit([], ['first']);
    assert.not.ok(await isSettled(commit));
    gate.open();
    await commit;
    await lane.close();
  });

  test('a mail is accepted before the channel is synced that a registration opened for it', async () => {
    for (const name of ['channels', 'channels.mirror']) {
      const disk = new TestDisk();
      const { lane, sealing } = await openLane(disk);
      await lane.begin();
      const gate = new Gate();
      disk.behaviour = {
        delay: (operation, path) =>
          operation === 'sync' && path.endsWith(`/${name}`) ? gate.passed : undefined,
      };
      sealing.needy.add('registered');
      const registered = lane.commitChannels(['registered']);
      const commit = lane.commit([], ['first']);
      assert.not.ok(await isSettled(commit), `not yet synced: ${name}`);
      gate.open();
      await Promise.all([registered, commit]);
      await lane.close();
    }
  });

  test('a mail waits for ever when one follows another closely', async () => {
    const { lane } = await openLane(new TestDisk());
    const run = await appendBlock(lane, 'first');
    // The next call comes at every possible distance, in microtasks, from the end of the one before.
    for (let distance = 0; distance < 12; distance++) {
      let before: Promise<unknown> = lane.commit([run], ['before']);
      for (let step = 0; step < distance; step++) before = before.then((value) => value);
      await before;
      const commit = lane.commit([run], ['after']);
      assert.ok(await isSettled(commit), `${distance} steps after the other`);
    }
    await lane.close();
  });

  test('mails that come close together while the disk is busy take a sync each', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk);
    await lane.begin();
    const syncs = () =>
      disk.done.filter(({ operation, path }) => operation === 'sync' && path.endsWith('/envelopes')).length;
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const gate = new Gate();
    disk.behaviour = { delay: (operation) => (operation === 'sync' ? gate.passed : undefined) };
    const before = syncs();
    const first = lane.commit([], ['first']);
    while (syncs() === before) await turn();
    const second = lane.commit([], ['second']);
    disk.behaviour = {};
    gate.open();
    await first;
    await turn();
    await turn();
    await Promise.all([second, lane.commit([], ['third'])]);
    assert.is(syncs(), before + 2);
    await lane.close();
  });

  test('mails that wait do not share a sync', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk);
    await sendPlain(lane, 'first');
    const before = disk.done.filter(({ operation }) => operation === 'sync').length;
    await Promise.all(Array.from({ length: 20 }, (_, index) => sendPlain(lane, `mail ${index}`)));
    const syncs = disk.done.filter(({ operation }) => operation === 'sync').length - before;
    assert.ok(syncs <= 4, `${syncs} syncs for 20 mails`);
    await lane.close();
  });

  test('commits show how many envelopes they held', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk);
    await lane.begin();
    for (const count of [1, 2, 3, 4, 5, 9]) {
      const before = claimOn(disk, 0)?.envelopes ?? 0;
      const sealed = await lane.commit(
        [],
        Array.from({ length: count }, (_, index) => `envelope ${index}`),
      );
      assert.is(sealed.length, count);
      const added = () => (claimOn(disk, 0)?.envelopes ?? 0) - before;
      await until('the claim follows', () => added() > 0);
      assert.is(added(), Math.ceil(count / 4) * 4);
    }
    await lane.close();
  });

  test('an envelope always stands in the same place of its group', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk, { random: chance('places') });
    await lane.begin();
    const first = claimOn(disk, 0)?.envelopes ?? 0;
    for (let mail = 0; mail < 24; mail++) await lane.commit([], ['envelope']);
    await lane.close();
    const bytes = Buffer.from(segmentsOn(disk).get(0)?.envelopes?.bytes ?? []);
    const places: number[] = [];
    for (let cell = 0; cell < 96; cell++) {
      const at = 4096 + (first + cell) * 1280;
      if (bytes.toString('latin1', at, at + 8) === 'envelope') places.push(cell % 4);
    }
    assert.is(places.length, 24);
    assert.equal([...new Set(places)].sort(), [0, 1, 2, 3]);
  });

  test('an envelope that cannot be sealed any more leaves a hole, or takes others with it', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk);
    const both = Promise.all([lane.commit([], ['one', 'unsealable', 'two']), lane.commit([], ['three'])]);
    assert.equal(await both, [[true, false, true], [true]]);
    await lane.close();
    const { envelopes } = segmentsOn(disk).get(0) ?? {};
    const zeros = [0, 1, 2, 3].map((cell) =>
      envelopes?.bytes.subarray(4096 + cell * 1280, 4096 + cell * 1280 + 32).every((byte) => byte === 0),
    );
    assert.equal(zeros, [false, false, false, false]);
  });
});

suite('failed writes and syncs', (test) => {
  for (const [operation, name, how] of [
    ['sync', 'blocks', 'error'],
    ['sync', 'envelopes', 'error'],
    ['write', 'envelopes', 'error'],
    ['write', 'envelopes', 'half'],
    ['write', 'blocks', 'half'],
  ] as const) {
    test(`a failed ${operation} of ${name} (${how}) is retried, or what follows it is refused`, async () => {
      const disk = new TestDisk();
      const { lane } = await openLane(disk);
      const safe = await appendBlock(lane, 'safe');
      await lane.commit([safe], ['safe']);
      const open = await appendBlock(lane, 'open');
      if (name === 'blocks' && operation === 'write') await settle();
      failOnce(disk, operation, name, how);
      const [error, other] = await Promise.all([
        rejected(sendPlain(lane, 'lost')),
        rejected(sendPlain(lane, 'lost too')),
      ]);
      assert.instance(error, Error);
      assert.instance(other, Error);
      const failed = disk.done.find((done) => done.failed)?.ended ?? 0;
      await sendPlain(lane, 'later');
      const late = await rejected(lane.commit([open], ['open']));
      assert.instance(late, LostBlocks);
      assert.equal(await lane.commit([safe], ['safe again']), [true], 'a block below the claim is safe');
      await lane.close();

      const after = disk.done.filter(
        ({ began, path }) =>
          began > failed && path.includes('segment-00000000') && !path.includes('checkpoint'),
      );
      assert.not.ok(
        after.some((done) => done.operation === 'sync'),
        'a sync after the failure',
      );
      // The claim that was already allowed, and a checkpoint of it, may still be written; nothing else.
      const writes = after.filter((done) => done.operation === 'write' && !done.path.endsWith('synced'));
      assert.equal(
        writes.map(({ path }) => path),
        [],
      );
      assert.equal([...segmentsOn(disk).keys()], [0, 1]);
      assert.is(
        disk.done.some(({ path }) => path.includes('segment-00000001')),
        true,
      );
    });
  }

  test('the next head does not say how the failed segment was left', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk);
    await sendPlain(lane, 'safe');
    failOnce(disk, 'sync', 'envelopes');
    await rejected(sendPlain(lane, 'lost'));
    await sendPlain(lane, 'later');
    await lane.close();
    const first = headOn(disk, 0);
    assert.is(first.previous, undefined);
    const { previous } = headOn(disk, 1);
    assert.equal(previous?.id, first.id);
    assert.is(previous?.segment, 0);
    assert.equal(previous?.extents, {
      channels: { claim: 1, end: 1 },
      envelopes: { claim: 4, end: 8 },
      blocks: { claim: 1, end: 2 },
    });
    assert.equal(claimOn(disk, 0), { channels: 1, envelopes: 4, blocks: 1 });
  });

  test('a file is closed while it is still being written', async () => {
    const disk = new TestDisk();
    const { lane, sealing } = await openLane(disk);
    await sendPlain(lane, 'safe');
    // The number of a closed file is given to the next one that is opened, and the late write would go there.
    const gate = new Gate();
    disk.behaviour = {
      delay: (operation, path) =>
        operation === 'write' && path.endsWith('blocks') ? gate.passed : undefined,
    };
    failOnce(disk, 'sync', 'channels');
    // So many are written without waiting for a commit.
    for (let block = 0; block < 8; block++) await appendBlock(lane, 'slow');
    sealing.needy.add('registered');
    assert.instance(await rejected(lane.commitChannels(['registered'])), Error);
    const closing = lane.close();
    await settle();
    gate.open();
    await closing;
    assert.equal(disk.violations, []);
  });
});
