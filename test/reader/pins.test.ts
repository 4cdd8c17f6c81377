/** Pins: whatever somebody with the seed and the disk does to what was pinned, the reader who pinned it is told. */
import { readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../src/core/sha256.js';
import { cellSizes } from '../../src/format/cell.js';
import { decodeCheckpoint } from '../../src/format/checkpoint.js';
import { headSize } from '../../src/format/head.js';
import type { Pin } from '../../src/reader/pins.js';
import { bytesFrom } from '../support/chance.js';
import { otherKey, signCheckpoint, signLane, someKey } from '../support/sign-journal.js';
import { assert, suite } from '../support/suite.js';
import type { Journal } from './make-journal.js';
import { check, look, withSigned } from './signed-journal.js';

const folders = (journal: Journal) => journal.lane;
const pinned = (journal: Journal, segment: number): Pin => ({
  signer: someKey.publicKey,
  checkpoint: decodeCheckpoint(readFileSync(journal.file('checkpoint', segment)), 'x'),
});

/** Signs segment 1 anew with other sizes, and all after it. */
const resize = (journal: Journal, envelopes: number) =>
  signLane(journal.lane, { sizes: { 1: { envelopes } } });

function exchangeCell(journal: Journal, number: number): void {
  journal.setBody('envelopes', number, bytesFrom('another', cellSizes.envelopes), 1);
}

suite('pins', (test) => {
  test('a pin of what is there is a fault, or does not move on', () =>
    withSigned(async (journal) => {
      const { newest, faults } = await look(journal);
      assert.equal([newest.length, faults], [1, []]);
      const again = await check(journal, newest);
      assert.equal([again.faults, again.notChecked, again.pinFaults], [[], [], 0]);
      assert.equal(again.confirmed, newest);
      const older = pinned(journal, 1);
      const moved = await look(journal, [older]);
      assert.equal(moved.faults, []);
      assert.ok((moved.newest[0]?.checkpoint.segment ?? 0) > 1);
    }));

  test('a row of the table goes untold, or another name is given', () =>
    withSigned(async (original, fresh) => {
      const pin = pinned(original, 1);
      const { size } = pin.checkpoint.trees.envelopes;
      const lane = '^lane [0-9a-f]{8}';
      const rows: readonly (readonly [change: (journal: Journal) => void, says: string])[] = [
        [(one) => renameSync(folders(one), join(one.path, 'aside')), `${lane}: .* gone: deletion$`],
        [
          (one) => signLane(one.lane, { key: otherKey }),
          `${lane}: another key signs for it than when it was last read: exchange$`,
        ],
        [(one) => rmSync(one.file('', 1), { recursive: true }), `${lane}, segment 1: .* is gone: deletion$`],
        [
          (one) => {
            // The same number, another id: what a copy that went on would have.
            for (const name of ['channels', 'channels.mirror', 'envelopes', 'blocks', 'synced', 'checkpoint'])
              writeFileSync(one.file(name, 1), readFileSync(original.file(name, 2)));
            for (const name of ['channels', 'channels.mirror', 'envelopes', 'blocks'])
              reheaded(one.file(name, 1), 'segment 2', 'segment 1');
            rmSync(one.file('checkpoint', 1));
            one.setClaim(original.claim(2), 1);
            signLane(one.lane);
          },
          `${lane}, segment 1: is another segment than when it was last read: fork$`,
        ],
        [
          (one) => {
            rmSync(one.file('checkpoint', 1));
            signLane(one.lane, { without: [1] });
          },
          `${lane}, segment 1: had a checkpoint when it was last read, and has no good one: rollback$`,
        ],
        [
          (one) => resize(one, size - 1),
          `${lane}, segment 1, envelopes: the checkpoint had ${size} cells .* has ${size - 1}: rollback$`,
        ],
        [
          (one) => truncateSync(one.file('envelopes', 1), headSize + (size - 1) * 1280),
          `${lane}, segment 1, envelopes: had ${size} cells when it was last read, and has ${size - 1}: rollback$`,
        ],
        [
          (one) => {
            exchangeCell(one, 1);
            signLane(one.lane);
          },
          `${lane}, segment 1, envelopes: the ${size} cells are others than when it was last read: fork$`,
        ],
        [
          (one) => {
            one.setBody('blocks', 0, bytesFrom('another', 16_384), 0);
            signLane(one.lane);
          },
          `${lane}, segment 1: another past stands before it than when it was last read: exchange$`,
        ],
      ];
      for (const [change, says] of rows) {
        const journal = fresh();
        change(journal);
        const { faults, newest, pinFaults } = await look(journal, [pin]);
        assert.ok(
          faults.some((fault) => new RegExp(says).test(fault)),
          `${says}\n${faults.join('\n')}`,
        );
        assert.ok(pinFaults > 0);
        assert.equal(newest, [], `${says}: and then it was pinned`);
      }
    }));

  test('cells below a pinned size are exchanged, and more were appended and signed since', () =>
    withSigned(async (original, fresh) => {
      const { envelopes } = original.claim(1);
      const journal = fresh();
      resize(journal, envelopes - 2);
      const pin = pinned(journal, 1);
      signLane(journal.lane);
      assert.equal((await check(journal, [pin])).faults, []);
      exchangeCell(journal, 1);
      signLane(journal.lane);
      // Roots are not looked at when a mailbox is opened; so such pins are kept until they are.
      assert.equal((await look(journal, [pin])).faults, []);
      const { faults, newest, confirmed } = await check(journal, [pin]);
      assert.equal(faults.length, 1);
      assert.match(
        faults[0] ?? '',
        new RegExp(`segment 1, envelopes: the first ${envelopes - 2} cells are others than .*: exchange$`),
      );
      assert.equal([newest, confirmed], [[], []]);
    }));

  test('pins of another journal, or another lane, are held against this one', () =>
    withSigned(async (journal) => {
      const pin = pinned(journal, 1);
      const foreign = {
        ...pin.checkpoint,
        journal: bytesFrom('another journal', 16),
        id: bytesFrom('id', 16),
      };
      const checkpoint = decodeCheckpoint(signCheckpoint(foreign), 'x');
      assert.equal((await look(journal, [{ ...pin, checkpoint }])).faults, []);
    }));

  test('a dropped segment is a fault of its pin, or somebody drops what is not as it was pinned', () =>
    withSigned(async (original, fresh) => {
      const drop = (journal: Journal) => {
        for (const segment of [0, 1])
          for (const name of ['channels', 'channels.mirror', 'envelopes', 'blocks', 'synced'])
            rmSync(journal.file(name, segment));
      };
      const pin = pinned(original, 1);
      const journal = fresh();
      drop(journal);
      const found = await look(journal, [pin]);
      assert.equal(found.faults, []);
      assert.match(
        found.notes.join(),
        /segment 1: was dropped; what was seen of it cannot be checked any more/,
      );
      // With larger sizes than were pinned: no fault either.
      const grown = fresh();
      resize(grown, 2);
      const early = pinned(grown, 1);
      signLane(grown.lane);
      drop(grown);
      assert.equal((await look(grown, [early])).faults, []);
      // With smaller ones, or with another root.
      const shrunk = fresh();
      resize(shrunk, 2);
      drop(shrunk);
      assert.match((await look(shrunk, [pin])).faults.join(), /segment 1, envelopes: .* rollback/);
      const other = fresh();
      exchangeCell(other, 1);
      signLane(other.lane);
      drop(other);
      assert.match((await look(other, [pin])).faults.join(), /segment 1, envelopes: .* fork/);
    }));
});

/** Changes a line of a head and mends its check. */
function reheaded(file: string, from: string, to: string): void {
  const bytes = readFileSync(file);
  const head = bytes
    .subarray(0, headSize - 71)
    .toString('latin1')
    .replace(from, to);
  bytes.set(Buffer.from(head, 'latin1'));
  const check = `check ${sha256Hex(bytes.subarray(0, headSize - 71))}\n`;
  bytes.set(Buffer.from(check, 'latin1'), headSize - 71);
  writeFileSync(file, bytes);
}

function sha256Hex(bytes: Uint8Array): string {
  return sha256(bytes).toString('hex');
}
