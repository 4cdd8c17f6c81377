/** ChaCha20-Poly1305: both implementations against RFC 8439 and against each other. */
import fc from 'fast-check';
import { concat, hex } from '../../src/core/bytes.js';
import { type Aead, nodeAead, sodiumAead } from '../../src/seal/aead.js';
import { bytesFrom } from '../support/chance.js';
import { assert, suite } from '../support/suite.js';
import { readVectors } from '../support/vectors.js';

const key = bytesFrom('key', 32);
const nonce = bytesFrom('nonce', 12);
const maxLength = 16_368;

function seal(aead: Aead, aad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(plaintext.length + 16);
  aead.seal(sealed, key, nonce, aad, plaintext);
  return sealed;
}

for (const aead of [nodeAead, sodiumAead])
  suite(`ChaCha20-Poly1305 by ${aead.name}`, (test) => {
    test('the vectors of RFC 8439 come out otherwise', () => {
      const vectors = readVectors('chacha20-poly1305.txt');
      assert.is(vectors.length, 2);
      for (const vector of vectors) {
        const plaintext = vector.bytes('plaintext');
        const into = new Uint8Array(plaintext.length + 16 + 3).fill(7);
        aead.seal(into, vector.bytes('key'), vector.bytes('nonce'), vector.bytes('aad'), plaintext);
        const expected = concat(vector.bytes('ciphertext'), vector.bytes('tag'));
        assert.is(hex(into), `${hex(expected)}070707`);
        const opened = aead.open(vector.bytes('key'), vector.bytes('nonce'), vector.bytes('aad'), expected);
        assert.is(hex(opened ?? new Uint8Array(0)), hex(plaintext));
      }
    });

    test('a flipped bit of key, nonce, associated data, ciphertext or tag goes unseen', () => {
      const aad = bytesFrom('aad', 97);
      const plaintext = bytesFrom('plaintext', 40);
      const sealed = seal(aead, aad, plaintext);
      const parts = [key, nonce, aad, sealed] as const;
      for (const [part, bytes] of parts.entries())
        for (let bit = 0; bit < bytes.length * 8; bit++) {
          const flipped = bytes.slice();
          flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
          const [k = key, n = nonce, a = aad, s = sealed] = parts.map((one, at) =>
            at === part ? flipped : one,
          );
          assert.is(aead.open(k, n, a, s), undefined, `part ${part}, bit ${bit}`);
        }
      assert.ok(aead.open(key, nonce, aad, sealed));
    });

    test('something shorter or longer than was sealed is opened', () => {
      const sealed = seal(aead, new Uint8Array(0), bytesFrom('plaintext', 20));
      for (let length = 0; length < sealed.length; length++)
        assert.is(aead.open(key, nonce, new Uint8Array(0), sealed.subarray(0, length)), undefined);
      assert.is(aead.open(key, nonce, new Uint8Array(0), concat(sealed, Uint8Array.of(0))), undefined);
    });

    test('what was opened changes when the next one is opened', () => {
      const first = aead.open(key, nonce, key, seal(aead, key, bytesFrom('first', 100)));
      aead.open(key, nonce, key, seal(aead, key, bytesFrom('second', 100)));
      assert.is(hex(first ?? key), hex(bytesFrom('first', 100)));
    });
  });

suite('ChaCha20-Poly1305 twice', (test) => {
  const agree = (length: number, aad: Uint8Array, flip: number) => {
    const plaintext = bytesFrom(`plaintext ${length}`, length);
    const byNode = seal(nodeAead, aad, plaintext);
    const bySodium = seal(sodiumAead, aad, plaintext);
    assert.ok(Buffer.compare(byNode, bySodium) === 0, `${length} octets differ`);
    for (const [one, sealed] of [
      [nodeAead, bySodium],
      [sodiumAead, byNode],
    ] as const) {
      assert.ok(Buffer.compare(one.open(key, nonce, aad, sealed) ?? key, plaintext) === 0);
      const changed = sealed.slice();
      changed[flip % sealed.length] = (changed[flip % sealed.length] as number) ^ 0x10;
      assert.is(one.open(key, nonce, aad, changed), undefined);
    }
  };

  test('the two give different bytes for some length', () => {
    for (let length = 0; length <= 130; length++) agree(length, key, length * 7);
    for (const length of [4095, 4096, 16_319, 16_320, 16_351, 16_352, 16_367, maxLength])
      agree(length, key, length);
    const lengths = fc.integer({ min: 0, max: maxLength });
    const aads = fc.uint8Array({ maxLength: 192 });
    fc.assert(fc.property(lengths, aads, fc.nat(maxLength), agree), { seed: 1, numRuns: 300 });
  });
});
