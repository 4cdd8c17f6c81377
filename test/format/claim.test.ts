/** Claims: a torn or foreign one counts for nothing. */
import fc from 'fast-check';
import { decodeClaim, encodeClaim } from '../../src/format/claim.js';
import { bytesFrom } from '../support/chance.js';
import { places, somePlace } from '../support/format-values.js';
import { assert, suite } from '../support/suite.js';

const counts = { channels: 8, envelopes: 44, blocks: 65_536 };

suite('claims', (test) => {
  test('a claim does not come back as it was, or changes its length', () => {
    const number = fc.nat(2 ** 32 - 1);
    fc.assert(
      fc.property(
        fc.record({ channels: number, envelopes: number, blocks: number }, { noNullPrototype: true }),
        places,
        (some, at) => {
          const bytes = encodeClaim(some, at);
          assert.is(bytes.length, 73);
          assert.equal(decodeClaim(bytes, at), some);
        },
      ),
      { seed: 1 },
    );
  });

  test('a flipped octet of a claim goes unseen', () => {
    const bytes = encodeClaim(counts, somePlace);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      assert.is(decodeClaim(changed, somePlace), undefined, `bit ${bit}`);
    }
  });

  test('a claim that was torn between an old and a new one counts', () => {
    const old = encodeClaim(counts, somePlace);
    const young = encodeClaim({ channels: 16, envelopes: 1048, blocks: 70_001 }, somePlace);
    for (let cut = 0; cut <= old.length; cut++) {
      const torn = Buffer.concat([young.subarray(0, cut), old.subarray(cut)]);
      const read = decodeClaim(torn, somePlace);
      const whole = torn.equals(old) || torn.equals(young);
      assert.is(read !== undefined, whole, `cut at ${cut}`);
    }
    for (let length = 0; length < old.length; length++)
      assert.is(decodeClaim(old.subarray(0, length), somePlace), undefined);
    assert.is(decodeClaim(Buffer.concat([old, Buffer.from('\n')]), somePlace), undefined);
  });

  test('the claim of another segment counts', () => {
    const bytes = encodeClaim(counts, somePlace);
    assert.is(decodeClaim(bytes, { ...somePlace, segment: 4 }), undefined);
    for (const part of ['journal', 'lane', 'id'] as const)
      assert.is(decodeClaim(bytes, { ...somePlace, [part]: bytesFrom('another', 16) }), undefined);
  });
});
