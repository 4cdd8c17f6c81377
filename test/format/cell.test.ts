/** Cells: whatever happens to one, or wherever it is put, its check tells. */
import { createHash } from 'node:crypto';
import { concat, hex } from '../../src/core/bytes.js';
import { sha256 } from '../../src/core/sha256.js';
import {
  cellHash,
  cellSizes,
  checkedHash,
  closeFrame,
  isErased,
  leafData,
  makeFrame,
} from '../../src/format/cell.js';
import { encodePlace, type Stream, streams } from '../../src/format/place.js';
import { bytesFrom } from '../support/chance.js';
import { somePlace } from '../support/format-values.js';
import { assert, suite } from '../support/suite.js';

function cellOf(stream: Stream, number: number): { cell: Uint8Array; hash: Uint8Array } {
  const frame = makeFrame(stream);
  frame.body.set(bytesFrom(`body ${stream}`, frame.body.length));
  const hash = closeFrame(frame, somePlace, stream, number);
  return { cell: frame.cell.slice(), hash };
}

suite('cells', (test) => {
  test('a cell is laid out otherwise than the specification says', () => {
    for (const stream of streams) {
      const { cell, hash } = cellOf(stream, 7);
      assert.is(cell.length, cellSizes[stream]);
      const body = cell.subarray(0, cell.length - 16);
      const expected = createHash('sha256')
        .update(concat(Buffer.from('obalka cell v1\n'), encodePlace(somePlace, stream, 7), body))
        .digest();
      assert.is(hex(hash), hex(expected));
      assert.is(hex(cell.subarray(-16)), hex(expected.subarray(0, 16)));
      assert.is(hex(checkedHash(cell, somePlace, stream, 7) ?? cell), hex(hash));
      assert.is(hex(cellHash(cell, somePlace, stream, 7)), hex(hash));
    }
  });

  test('a flipped octet of a cell goes unseen', () => {
    for (const stream of ['channels', 'envelopes'] as const) {
      const { cell } = cellOf(stream, 7);
      for (let at = 0; at < cell.length; at++) {
        const changed = cell.slice();
        changed[at] = (changed[at] as number) ^ (1 << (at % 8));
        assert.is(checkedHash(changed, somePlace, stream, 7), undefined, `${stream}, octet ${at}`);
      }
    }
    const { cell } = cellOf('blocks', 7);
    for (const at of [0, 1, 8191, 16_367, 16_368, 16_383]) {
      const changed = cell.slice();
      changed[at] = (changed[at] as number) ^ 0x80;
      assert.is(checkedHash(changed, somePlace, 'blocks', 7), undefined, `block, octet ${at}`);
    }
  });

  test('a cell stands elsewhere, or is cut, and passes', () => {
    const { cell } = cellOf('envelopes', 7);
    assert.not.ok(checkedHash(cell, somePlace, 'envelopes', 8));
    assert.not.ok(checkedHash(cell, somePlace, 'channels', 7));
    assert.not.ok(checkedHash(cell, { ...somePlace, segment: 2 }, 'envelopes', 7));
    for (const part of ['journal', 'lane', 'id'] as const)
      assert.not.ok(checkedHash(cell, { ...somePlace, [part]: bytesFrom('another', 16) }, 'envelopes', 7));
    assert.not.ok(checkedHash(cell.subarray(0, 1279), somePlace, 'envelopes', 7));
    assert.not.ok(checkedHash(new Uint8Array(0), somePlace, 'envelopes', 7));
    assert.not.ok(checkedHash(new Uint8Array(1280), somePlace, 'envelopes', 7), 'a cell of zeros');
  });

  test('a frame that is used again keeps something of the cell before', () => {
    const frame = makeFrame('envelopes');
    frame.body.fill(1);
    closeFrame(frame, somePlace, 'envelopes', 1);
    frame.body.set(bytesFrom('body envelopes', frame.body.length));
    closeFrame(frame, somePlace, 'envelopes', 7);
    assert.is(hex(frame.cell), hex(cellOf('envelopes', 7).cell));
  });

  test('erasing an envelope changes its leaf, or is claimed without the secret', () => {
    const secret = bytesFrom('secret', 32);
    const frame = makeFrame('envelopes');
    frame.body.set(bytesFrom('sealed', frame.body.length));
    frame.body.set(sha256(secret));
    const hash = closeFrame(frame, somePlace, 'envelopes', 4).slice();
    const before = leafData(frame.cell, hash, 'envelopes').slice();
    assert.is(hex(before), hex(concat(sha256(secret), hash)));
    assert.not.ok(isErased(frame.cell));

    frame.body.fill(0);
    frame.body.set(concat(sha256(secret), secret, hash));
    const erased = closeFrame(frame, somePlace, 'envelopes', 4);
    assert.ok(isErased(frame.cell));
    assert.is(hex(leafData(frame.cell, erased, 'envelopes')), hex(before));
    assert.ok(checkedHash(frame.cell, somePlace, 'envelopes', 4));

    for (const at of [0, 31, 32, 63, 96, 1263]) {
      const changed = frame.cell.slice();
      changed[at] = (changed[at] as number) ^ 1;
      assert.not.ok(isErased(changed), `octet ${at}`);
    }
    assert.not.ok(isErased(new Uint8Array(1280)));
    const block = cellOf('blocks', 0);
    assert.is(hex(leafData(block.cell, block.hash, 'blocks')), hex(block.hash));
  });
});
