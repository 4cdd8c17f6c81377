/** Runs and block counts: no block of a message is named twice, left out, or counted wrong at a border. */
import fc from 'fast-check';
import { blocksFor, blockTextSize, firstBlockTextSize, runsPerIndexBlock } from '../../src/format/blocks.js';
import { addToRuns, countBlocks, type Run, readRuns, writeRuns } from '../../src/format/runs.js';
import { blockRoom } from '../../src/seal/block.js';
import { runs as someRuns } from '../support/format-values.js';
import { assert, suite } from '../support/suite.js';

suite('runs', (test) => {
  test('a block is left out, doubled, or put elsewhere', () => {
    // Small numbers, so that neighbours are frequent.
    const blocks = fc.array(fc.record({ segment: fc.nat(2), number: fc.nat(5) }, { noNullPrototype: true }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(blocks, (appended) => {
        const runs: Run[] = [];
        for (const { segment, number } of appended) addToRuns(runs, segment, number);
        const named = runs.flatMap(({ segment, first, count }) =>
          Array.from({ length: count }, (_, index) => ({ segment, number: first + index })),
        );
        assert.equal(named, appended);
        assert.is(countBlocks(runs), appended.length);
        for (const [at, run] of runs.entries()) {
          const before = runs[at - 1];
          const follows = before?.segment === run.segment && before.first + before.count === run.first;
          assert.not.ok(follows, 'two runs that are one');
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('runs do not come back as they were', () => {
    fc.assert(
      fc.property(fc.array(someRuns, { maxLength: 20 }), (runs) => {
        const bytes = new Uint8Array(3 + 20 * 12 + 11);
        writeRuns(bytes, 3, runs);
        assert.equal(readRuns(bytes, 3), runs);
        assert.equal(readRuns(bytes, 3, 2), runs.slice(0, 2));
      }),
      { seed: 1 },
    );
  });

  test('adding to runs changes runs that were handed out', () => {
    const runs: Run[] = [];
    addToRuns(runs, 1, 1);
    const [kept] = runs;
    addToRuns(runs, 1, 2);
    assert.equal(kept, { segment: 1, first: 1, count: 1 });
  });
});

suite('block counts', (test) => {
  test('sizes are not those of the specification', () => {
    assert.equal([blockTextSize, firstBlockTextSize, runsPerIndexBlock], [16_352, 16_320, 1362]);
    assert.is(blockRoom({ level: 0, index: 0 }), firstBlockTextSize);
    assert.is(blockRoom({ level: 0, index: 1 }), blockTextSize);
    assert.is(blockRoom({ level: 1, index: 0 }), blockTextSize);
  });

  test('a length at a border takes a block too many or too few', () => {
    assert.is(blocksFor(0), 1);
    assert.is(blocksFor(1), 1);
    for (let blocks = 1; blocks <= 300; blocks++) {
      const full = firstBlockTextSize + (blocks - 1) * blockTextSize;
      assert.is(blocksFor(full - 1), blocks);
      assert.is(blocksFor(full), blocks);
      assert.is(blocksFor(full + 1), blocks + 1);
    }
  });
});
