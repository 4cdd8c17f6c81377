/** Blocks: nothing of a message can be moved, swapped, cut off, or opened with another message's key. */
import { hex } from '../../src/core/bytes.js';
import { type Aead, nodeAead, sodiumAead } from '../../src/seal/aead.js';
import { type BlockIndex, blockRoom, MessageKeys } from '../../src/seal/block.js';
import { bytesFrom } from '../support/chance.js';
import { assert, suite } from '../support/suite.js';

const bodySize = 16_368;
const place = {
  journal: bytesFrom('journal', 16),
  lane: bytesFrom('lane', 16),
  segment: 3,
  id: bytesFrom('segment', 16),
};
const keys = () => new MessageKeys(bytesFrom('message key', 32));

function seal(block: BlockIndex, number: number, aead: Aead = nodeAead): Uint8Array {
  const body = new Uint8Array(bodySize);
  keys().seal(
    body,
    bytesFrom(`text ${block.level} ${block.index}`, blockRoom(block)),
    block,
    place,
    number,
    aead,
  );
  return body;
}

function opens(body: Uint8Array, block: BlockIndex, number: number, at = place): boolean {
  const texts = [nodeAead, sodiumAead].map(
    (aead) => keys().open(body, block, at, number, aead) !== undefined,
  );
  assert.is(texts[0], texts[1]);
  return texts[0] === true;
}

const first: BlockIndex = { level: 0, index: 0, final: false };
const second: BlockIndex = { level: 0, index: 1, final: false };
const third: BlockIndex = { level: 0, index: 2, final: true };

suite('blocks', (test) => {
  test('the two implementations seal blocks otherwise, or a block does not come back as it was', () => {
    for (const block of [first, second, third, { level: 1, index: 0, final: true }]) {
      const body = seal(block, 8);
      assert.is(hex(body), hex(seal(block, 8, sodiumAead)));
      const text = keys().open(body, block, place, 8, sodiumAead);
      assert.is(hex(text ?? body), hex(bytesFrom(`text ${block.level} ${block.index}`, blockRoom(block))));
    }
  });

  test('a block opens in another place', () => {
    for (const block of [first, second]) {
      const body = seal(block, 8);
      assert.ok(opens(body, block, 8));
      assert.not.ok(opens(body, block, 9));
      assert.not.ok(opens(body, block, 8, { ...place, segment: 4 }));
      for (const part of ['journal', 'lane', 'id'] as const)
        assert.not.ok(opens(body, block, 8, { ...place, [part]: bytesFrom('another', 16) }), part);
    }
  });

  test('two blocks of one message are swapped, even where the place would allow it', () => {
    const body = seal(second, 8);
    for (const other of [
      first,
      third,
      { ...second, index: 3 },
      { ...second, index: 257 },
      { ...second, index: 2 ** 32 + 1 },
    ])
      assert.not.ok(opens(body, other, 8));
  });

  test('a message is cut off at the border of a block', () => {
    // Two blocks of three: the second would have to be the final one.
    assert.not.ok(opens(seal(second, 8), { ...second, final: true }, 8));
    assert.not.ok(opens(seal(first, 8), { ...first, final: true }, 8));
    assert.not.ok(opens(seal(third, 8), { ...third, final: false }, 8), 'a message is made longer');
  });

  test('an index block is taken for data, or for an index of another level', () => {
    const index: BlockIndex = { level: 1, index: 1, final: false };
    assert.not.ok(opens(seal(index, 8), second, 8));
    assert.not.ok(opens(seal(second, 8), index, 8));
    assert.not.ok(opens(seal(index, 8), { ...index, level: 2 }, 8));
  });

  test('two blocks of a message share a nonce', () => {
    const text = new Uint8Array(blockRoom(second));
    const bodies = new Set<string>();
    const blocks = [0, 1, 2, 3].flatMap((level) =>
      [1, 2, 255, 256, 65_536, 2 ** 31, 2 ** 32, 2 ** 40].flatMap((index) =>
        [true, false].map((final) => ({ level, index, final })),
      ),
    );
    for (const block of blocks) {
      const body = new Uint8Array(bodySize);
      keys().seal(body, text, block, place, 8, nodeAead);
      // With one key and one text, the same beginning is the same nonce.
      bodies.add(hex(body.subarray(0, 32)));
    }
    assert.is(bodies.size, blocks.length);
  });

  test('another message key opens a block', () => {
    const other = new MessageKeys(bytesFrom('another message key', 32));
    for (const block of [first, second])
      assert.is(other.open(seal(block, 8), block, place, 8, nodeAead), undefined);
  });

  test('a changed octet goes unseen', () => {
    for (const block of [first, second]) {
      const body = seal(block, 8);
      for (let at = 0; at < bodySize; at += 41) {
        const changed = body.slice();
        changed[at] = (changed[at] as number) ^ (1 << (at % 8));
        assert.not.ok(opens(changed, block, 8), `block ${block.index}, octet ${at}`);
      }
    }
  });
});
