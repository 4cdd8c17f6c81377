import { assert, suite } from '../support/suite.js';
import { TestDisk } from '../support/test-disk.js';
import { appendBlock, openLane } from './make-lane.js';

suite('progress of a lane', (test) => {
  test('a commit that hangs looks like one that goes on, or nobody knows that somebody waits', async () => {
    const disk = new TestDisk();
    const { lane } = await openLane(disk);
    assert.equal(lane.progress, { ended: 0, waiting: 0 });
    const run = await appendBlock(lane, 'one');
    let release = () => {};
    const hanging = new Promise<void>((done) => {
      release = done;
    });
    disk.behaviour = { delay: (operation) => (operation === 'sync' ? hanging : undefined) };
    const commits = [lane.commit([run], ['one'])];
    await new Promise((done) => setTimeout(done, 20));
    assert.equal(lane.progress, { ended: 0, waiting: 1 });
    commits.push(lane.commit([], ['two']), lane.commit([], ['three']));
    await new Promise((done) => setTimeout(done, 20));
    assert.equal(lane.progress, { ended: 0, waiting: 3 });
    release();
    await Promise.all(commits);
    await lane.close();
    assert.is(lane.progress.waiting, 0);
    assert.is(lane.progress.ended, 2);
  });

  test('cells of segments before are forgotten, or counted twice', async () => {
    const { lane } = await openLane(new TestDisk(), { maxStreamSize: 2 * 16_384 });
    for (const text of ['one', 'two', 'three', 'four', 'five'])
      await lane.commit([await appendBlock(lane, text)], [text]);
    const { channels, envelopes, blocks } = lane.cells;
    assert.ok((lane.place?.segment ?? 0) >= 2, 'several segments');
    assert.ok(blocks >= 5 && envelopes >= 20 && channels >= 2, JSON.stringify(lane.cells));
    await lane.close();
    assert.equal(lane.cells, { channels, envelopes, blocks });
  });
});
