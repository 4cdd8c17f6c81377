/** Places: bytes that differ wherever the places do. */
import fc from 'fast-check';
import { hex } from '../../src/core/bytes.js';
import {
  describePlace,
  encodePlace,
  readU32,
  readU64,
  streams,
  writeU32,
  writeU64,
} from '../../src/format/place.js';
import { bytesFrom } from '../support/chance.js';
import { places, somePlace } from '../support/format-values.js';
import { assert, suite } from '../support/suite.js';

suite('places', (test) => {
  test('two places have the same bytes', () => {
    const another = bytesFrom('another', 16);
    const all = [
      encodePlace(somePlace, 'blocks', 8),
      ...(['journal', 'lane', 'id'] as const).map((part) =>
        encodePlace({ ...somePlace, [part]: another }, 'blocks', 8),
      ),
      ...[4, 3 + 256, 3 + 2 ** 32].map((segment) => encodePlace({ ...somePlace, segment }, 'blocks', 8)),
      ...(['channels', 'envelopes'] as const).map((stream) => encodePlace(somePlace, stream, 8)),
      ...[0, 9, 8 + 256, 8 + 2 ** 31, 8 + 2 ** 32].map((number) => encodePlace(somePlace, 'blocks', number)),
    ].map(hex);
    assert.is(new Set(all).size, all.length);
    assert.ok(all.every((place) => place.length === 130));
  });

  test('a place is laid out otherwise than the specification says', () => {
    fc.assert(
      fc.property(
        places,
        fc.constantFrom(...streams),
        fc.nat(Number.MAX_SAFE_INTEGER),
        (at, stream, number) => {
          const expected = Buffer.alloc(65);
          expected.set(at.journal);
          expected.set(at.lane, 16);
          expected.writeBigUInt64BE(BigInt(at.segment), 32);
          expected.set(at.id, 40);
          expected[56] = 1 + streams.indexOf(stream);
          expected.writeBigUInt64BE(BigInt(number), 57);
          assert.is(hex(encodePlace(at, stream, number)), expected.toString('hex'));
        },
      ),
      { seed: 1 },
    );
  });

  test('a number changes when it is written and read', () => {
    const border = [0, 1, 255, 256, 65_535, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
    const bytes = new Uint8Array(10).fill(0xee);
    for (const value of border) {
      writeU32(bytes, 1, value);
      assert.is(readU32(bytes, 1), value);
    }
    for (const value of [...border, 2 ** 32, 2 ** 40 + 7, Number.MAX_SAFE_INTEGER]) {
      writeU64(bytes, 1, value);
      assert.is(readU64(bytes, 1), value);
    }
    assert.is(bytes[0], 0xee);
    assert.is(bytes[9], 0xee);
    for (const text of ['0020000000000000', 'ffffffffffffffff', '8000000000000001'])
      assert.is(readU64(Buffer.from(text, 'hex'), 0), Number.POSITIVE_INFINITY, text);
  });

  test('an error names the place otherwise than people look for it', () => {
    const lane = `lane ${hex(somePlace.lane).slice(0, 8)}`;
    assert.is(describePlace(somePlace, 'blocks', 8192), `${lane}, segment 3, block 8192`);
    assert.is(describePlace(somePlace, 'channels', 0), `${lane}, segment 3, channel 0`);
    assert.is(describePlace(somePlace, 'envelopes', 1), `${lane}, segment 3, envelope 1`);
  });
});
