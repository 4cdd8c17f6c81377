/** Checkpoints: every way to change, exchange or take away what was signed is told, and nothing is told without need. */
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../src/core/sha256.js';
import { cellSizes, checkSize } from '../../src/format/cell.js';
import { decodeCheckpoint, encodeCheckpoint, maxCheckpointSize } from '../../src/format/checkpoint.js';
import { headSize } from '../../src/format/head.js';
import { bytesFrom } from '../support/chance.js';
import { otherKey, signCheckpoint, signLane } from '../support/sign-journal.js';
import { assert, suite } from '../support/suite.js';
import { alice, flip, type Journal, list, toAlice, withJournal } from './make-journal.js';
import { check, look, withSigned } from './signed-journal.js';

const place = (journal: Journal) => `lane ${journal.lane.slice(-32, -24)}`;

/** Puts another cell with a good check in the place of one. */
function exchange(
  journal: Journal,
  stream: 'channels' | 'envelopes' | 'blocks',
  number: number,
  segment = 0,
) {
  journal.setBody(stream, number, bytesFrom('another', cellSizes[stream]), segment);
}

function edit(journal: Journal, segment: number, change: (text: string) => string): void {
  const file = journal.file('checkpoint', segment);
  writeFileSync(file, change(readFileSync(file, 'latin1')), 'latin1');
}

suite('checkpoints of a journal', (test) => {
  test('something is said of a signed journal that is in order', () =>
    withSigned(async (journal) => {
      const found = await check(journal);
      assert.equal([found.faults, found.notChecked, found.uncovered], [[], [], 0]);
      assert.ok(found.segments > 3);
      assert.is(found.newest.length, 1);
      assert.is(found.newest[0]?.checkpoint.segment, found.segments - 1);
    }));

  test('a cell with a good check stands in the place of another, unseen', () =>
    withSigned(async (_, fresh) => {
      for (const stream of ['channels', 'envelopes', 'blocks'] as const) {
        const journal = fresh();
        const { size } = decodeCheckpoint(readFileSync(journal.file('checkpoint', 1)), 'x').trees[stream];
        exchange(journal, stream, size - 1, 1);
        assert.equal(
          (await check(journal)).faults,
          [
            `${place(journal)}, segment 1, ${stream}: the first ${size} cells are not those that were signed: exchanged`,
          ],
          stream,
        );
        assert.equal((await check(journal)).newest, [], 'it was pinned');
        assert.equal((await look(journal)).faults, [], 'without reading cells');
      }
    }));

  test('a damaged cell makes its root wrong, or nobody hears that the root was not checked', () =>
    withSigned(async (_, fresh) => {
      const journal = fresh();
      flip(journal.file('blocks', 1), headSize + 5);
      const { faults, notChecked, newest } = await check(journal);
      assert.equal(faults, [`${place(journal)}, segment 1, block 0: does not match its check`]);
      assert.is(notChecked.length, 1);
      assert.match(
        notChecked[0] ?? '',
        /segment 1, blocks: the root of the first \d+ cells, as some of them are damaged/,
      );
      assert.is(newest.length, 1, 'chance damage keeps pins from being renewed for ever');
      // One copy of a channel is enough for the root.
      const other = fresh();
      flip(other.file('channels', 1), headSize + 5);
      const halves = await check(other);
      assert.equal(halves.notChecked, []);
      assert.is(halves.faults.length, 1);
    }));

  test('a stream that lost its end passes, if claim and successor were changed as well', () =>
    withSigned(async (_, fresh) => {
      const journal = fresh();
      const last = readdirSync(journal.lane).length - 2;
      const { size } = decodeCheckpoint(readFileSync(journal.file('checkpoint', last)), 'x').trees.envelopes;
      truncateSync(journal.file('envelopes', last), headSize + (size - 1) * 1280);
      journal.setClaim({ envelopes: size - 1 }, last);
      assert.equal((await look(journal)).faults, [
        `${place(journal)}, segment ${last}, envelope ${size - 1}: the stream ends here, but ${size} cells were known to be on disk; mail may be missing`,
      ]);
    }));

  test('a checkpoint that is not good is taken, or passed over in silence', () =>
    withSigned(async (_, fresh) => {
      const changes: readonly [(journal: Journal) => void, RegExp][] = [
        [(one) => flip(one.file('checkpoint', 1), 400), /segment 1, checkpoint: /],
        [(one) => edit(one, 1, (text) => text.replace('checkpoint 1', 'checkpoint 2')), /use a newer obalka/],
        [
          (one) => writeFileSync(one.file('checkpoint', 1), readFileSync(one.file('checkpoint', 2))),
          /segment 1, checkpoint: checkpoint is of another segment/,
        ],
        [
          (one) => writeFileSync(one.file('checkpoint', 1), ''),
          /segment 1, checkpoint: this is not a checkpoint/,
        ],
        [
          (one) => writeFileSync(one.file('checkpoint', 1), Buffer.alloc(maxCheckpointSize + 1, 32)),
          /segment 1, checkpoint: checkpoint is too long/,
        ],
        [
          (one) => {
            const file = one.file('checkpoint', 1);
            writeFileSync(file, signCheckpoint(decodeCheckpoint(readFileSync(file), 'x'), otherKey));
          },
          /segment 1, checkpoint: the signature of the checkpoint does not hold/,
        ],
        [
          (one) => {
            const file = one.file('checkpoint', 1);
            const checkpoint = decodeCheckpoint(readFileSync(file), 'x');
            writeFileSync(file, signCheckpoint({ ...checkpoint, id: bytesFrom('id', 16) }));
          },
          /segment 1, checkpoint: checkpoint is of another segment/,
        ],
        ...(['journal', 'lane', 'segment'] as const).map((name): [(journal: Journal) => void, RegExp] => [
          (one) => {
            const file = one.file('checkpoint', 1);
            const checkpoint = decodeCheckpoint(readFileSync(file), 'x');
            const other = name === 'segment' ? { segment: 7 } : { [name]: bytesFrom(name, 16) };
            writeFileSync(file, signCheckpoint({ ...checkpoint, ...other }));
          },
          /segment 1, checkpoint: checkpoint is of another segment/,
        ]),
        [
          (one) => {
            // The signature holds; the key id is another one's.
            const file = one.file('checkpoint', 1);
            const checkpoint = decodeCheckpoint(readFileSync(file), 'x');
            writeFileSync(file, encodeCheckpoint(checkpoint, otherKey.publicKey, checkpoint.signature));
          },
          /segment 1, checkpoint: the signature of the checkpoint does not hold/,
        ],
      ];
      for (const [change, says] of changes) {
        const journal = fresh();
        change(journal);
        const { faults, newest } = await look(journal);
        assert.ok(
          faults.some((fault) => fault.startsWith(place(journal)) && says.test(fault)),
          `${says}: ${faults.join('\n')}`,
        );
        assert.equal(newest, [], String(says));
      }
    }));

  test('a checkpoint was exchanged or taken away that another one names', () =>
    withSigned(async (_, fresh) => {
      const exchanged = fresh();
      const file = exchanged.file('checkpoint', 1);
      const checkpoint = decodeCheckpoint(readFileSync(file), 'x');
      const { channels, envelopes, blocks } = checkpoint.trees;
      const trees = { channels, envelopes, blocks: { ...blocks, size: blocks.size - 1 } };
      writeFileSync(file, signCheckpoint({ ...checkpoint, trees }));
      assert.match(
        (await look(exchanged)).faults.join(),
        /^lane [0-9a-f]{8}, segment 1, checkpoint: is not the one that the checkpoint of segment 2 names; it was exchanged$/,
      );
      const missing = fresh();
      rmSync(missing.file('checkpoint', 1));
      const found = await look(missing);
      assert.match(
        found.faults.join(),
        /^lane [0-9a-f]{8}, segment 1, checkpoint: is missing or cannot be read, but the checkpoint of segment 2 names it$/,
      );
      assert.equal(found.newest, []);
      const disagreeing = fresh();
      signLane(disagreeing.lane, {
        change: (one) =>
          one.previous && one.segment === 2 ? { ...one, previous: { ...one.previous, segment: 0 } } : one,
      });
      assert.match(
        (await look(disagreeing)).faults.join(),
        /segment 2, checkpoint: it names segment 0 as the one before it, and the head segment 1/,
      );
    }));

  test('a gap in the chain of a lane goes unmentioned, or is called a fault', () =>
    withSigned(async (_, fresh) => {
      const journal = fresh();
      rmSync(journal.file('checkpoint', 1));
      signLane(journal.lane, { without: [1] });
      const { faults, notChecked, uncovered } = await check(journal);
      assert.equal(faults, []);
      assert.match(notChecked.join('\n'), /segment 2, checkpoint: it names none before it/);
      assert.match(notChecked.join('\n'), new RegExp(`${uncovered} cells are covered by no checkpoint`));
      assert.ok(uncovered > 10);
    }));

  test('cells after the checkpoint are called covered', () =>
    withSigned(async (_, fresh) => {
      const journal = fresh();
      signLane(journal.lane, { sizes: { 2: { envelopes: 3, blocks: 0 } } });
      const { faults, uncovered } = await check(journal);
      assert.equal(faults, []);
      const claim = journal.claim(2);
      assert.is(uncovered, claim.envelopes - 3 + claim.blocks);
      // Beyond what was signed, an exchange is not seen; below it, it is.
      exchange(journal, 'envelopes', 3, 2);
      assert.equal((await check(journal)).faults, []);
      exchange(journal, 'envelopes', 2, 2);
      assert.match((await check(journal)).faults.join(), /the first 3 cells are not those/);
    }));

  test('who erases rightly changes the tree, or who does not goes unseen', () =>
    withSigned(async (_, fresh) => {
      const journal = fresh();
      const secret = bytesFrom('secret of a step', 32);
      const body = bytesFrom('an envelope', 1264);
      body.set(sha256(secret));
      journal.setBody('envelopes', 1, body, 1);
      const was = journal.cell('envelopes', 1, 1);
      signLane(journal.lane);
      assert.equal((await check(journal)).faults, []);
      const erased = (proof: Uint8Array) => {
        const cell = new Uint8Array(1264);
        cell.set(was.subarray(0, 32));
        cell.set(proof, 32);
        // H is not on disk; the check is its first half, and the rest is made up as it was made.
        cell.set(hashOfEnvelope(journal, was), 64);
        return cell;
      };
      journal.setBody('envelopes', 1, erased(secret), 1);
      assert.equal((await check(journal)).faults, []);
      journal.setBody('envelopes', 1, erased(bytesFrom('a guess', 32)), 1);
      assert.match(
        (await check(journal)).faults.join('\n'),
        /segment 1, envelope 1: was erased by somebody who may not: an unauthorised hole/,
      );
      for (const name of readdirSync(journal.lane).filter((one) => one.startsWith('segment')))
        rmSync(join(journal.lane, name, 'checkpoint'));
      assert.match((await check(journal)).faults.join(), /unauthorised hole/, 'without a checkpoint');
      // Zeros with no good check are damage, or the end that a crash left.
      journal.setCell('envelopes', 1, new Uint8Array(1280), 1);
      assert.match(
        (await check(journal)).faults.join(),
        /^lane [^,]*, segment 1, envelope 1: does not match/,
      );
    }));

  test('a lane without its head loses its checkpoints where a pin knows the signer', () =>
    withSigned(async (_, fresh) => {
      const journal = fresh();
      const { newest } = await look(journal);
      rmSync(join(journal.lane, 'lane'));
      const without = await look(journal);
      assert.equal(without.lanes[0]?.live.map(({ checkpoint }) => checkpoint?.segment).join(''), '');
      const pinned = await look(journal, newest);
      assert.is(pinned.faults.length, 1);
      assert.is(pinned.lanes[0]?.live[1]?.checkpoint?.segment, 1);
    }));

  test('mails of a dropped segment are damaged, void or counted, or its absence is a fault', () =>
    withJournal(
      async (office, journal) => {
        await office.send([toAlice], bytesFrom('over three segments', 100_000));
        for (let mail = 0; mail < 3; mail++) await office.send([toAlice], bytesFrom(`${mail}`, 20_000));
        await office.close();
        signLane(journal.lane);
        for (const segment of [0, 1])
          for (const name of readdirSync(journal.file('', segment)))
            if (name !== 'checkpoint') rmSync(journal.file(name, segment));
        const { faults, dropped, notChecked } = await check(journal);
        assert.equal([faults, dropped, notChecked], [[], 2, []]);
        const { contents, words } = await list(journal, [alice]);
        assert.equal([contents.faults, contents.damaged, contents.void], [[], [], 0]);
        // The envelope of the first was in segment 1: nothing tells of it any more.
        assert.equal([contents.expired.length, words.length], [1, 2]);
        assert.is(contents.expired[0]?.segment, 1);
        // Not claimed either: still expired.
        const last = readdirSync(journal.lane).length - 2;
        for (let segment = 2; segment <= last; segment++) {
          rmSync(journal.file('checkpoint', segment));
          journal.setClaim({ envelopes: 0, blocks: 0 }, segment);
        }
        assert.is((await list(journal, [alice])).contents.expired.length, 1);
        // A tombstone that nobody signed is none.
        edit(journal, 1, (text) => text.replace(/blocks \d/, 'blocks 9'));
        assert.match(
          (await look(journal)).faults.join('\n'),
          /segment 1: no head of the segment can be read/,
        );
      },
      { maxStreamSize: 4 * 16_384 },
    ));
});

/** H of an envelope cell of segment 1, number 1. */
function hashOfEnvelope(journal: Journal, cell: Uint8Array): Uint8Array {
  const at = journal.head(1);
  const label = Buffer.from('obalka cell v1\n');
  const numbers = Buffer.alloc(8);
  numbers.writeBigUInt64BE(1n);
  const placed = [at.journal, at.lane, numbers, at.id, Buffer.of(2), numbers];
  return sha256(Buffer.concat([label, ...placed, cell.subarray(0, cell.length - checkSize)]));
}
