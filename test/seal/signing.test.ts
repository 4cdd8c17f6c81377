/** Signatures: the answers of RFC 8032, and nothing taken that it does not take. */
import fc from 'fast-check';
import nacl from 'tweetnacl';
import { hex } from '../../src/core/bytes.js';
import { isSignedBy } from '../../src/seal/signing.js';
import { SigningKey } from '../../src/seal/signing-key.js';
import { octets } from '../support/format-values.js';
import { assert, suite } from '../support/suite.js';
import { readVectors } from '../support/vectors.js';

/** The order of the group, as 32 octets from the smallest. */
const order = 2n ** 252n + 27742317777372353535851937790883648493n;

function plusOrder(signature: Uint8Array): Uint8Array {
  const changed = signature.slice();
  let s = order;
  for (let at = 0; at < 32; at++) s += BigInt(signature[32 + at] as number) << BigInt(8 * at);
  for (let at = 0; at < 32; at++) changed[32 + at] = Number((s >> BigInt(8 * at)) & 255n);
  return changed;
}

suite('signatures', (test) => {
  test('the answers of RFC 8032 come out otherwise', () => {
    const vectors = readVectors('ed25519.txt');
    assert.is(vectors.length, 4);
    for (const vector of vectors) {
      const key = new SigningKey(vector.bytes('seed'));
      assert.is(hex(key.publicKey), vector.text('public'));
      assert.is(hex(key.sign(vector.bytes('message'))), vector.text('signature'));
      assert.ok(isSignedBy(key.publicKey, vector.bytes('message'), vector.bytes('signature')));
    }
  });

  test('tweetnacl signs what node:crypto does not take, or the reverse', () => {
    fc.assert(
      fc.property(octets(32), fc.uint8Array({ maxLength: 700 }), fc.nat(), (seed, text, flipped) => {
        const key = new SigningKey(seed);
        const signature = key.sign(text);
        assert.ok(isSignedBy(key.publicKey, text, signature));
        const at = flipped % 64;
        signature[at] = (signature[at] as number) ^ (1 << (flipped % 8));
        assert.is(isSignedBy(key.publicKey, text, signature), false);
        assert.is(nacl.sign.detached.verify(text, signature, key.publicKey), false);
      }),
      { seed: 1, numRuns: 12 },
    );
  });

  test('another text, another key or another length is taken', () => {
    const key = new SigningKey(new Uint8Array(32).fill(1));
    const other = new SigningKey(new Uint8Array(32).fill(2));
    const text = Buffer.from('the text');
    const signature = key.sign(text);
    assert.ok(isSignedBy(key.publicKey, text, signature));
    assert.not(isSignedBy(key.publicKey, Buffer.from('the texts'), signature));
    assert.not(isSignedBy(other.publicKey, text, signature));
    assert.not(isSignedBy(key.publicKey, text, signature.subarray(0, 63)));
    assert.not(isSignedBy(key.publicKey, text, Buffer.concat([signature, Buffer.of(0)])));
    assert.not(isSignedBy(key.publicKey.subarray(0, 31), text, signature));
    assert.not(isSignedBy(new Uint8Array(32).fill(255), text, signature));
    assert.throws(() => new SigningKey(new Uint8Array(31)), /32 octets/);
  });

  test('a second signature can be made of the first, without the seed', () => {
    const key = new SigningKey(new Uint8Array(32).fill(1));
    const text = Buffer.from('the text');
    const changed = plusOrder(key.sign(text));
    // Somebody takes it: the order is worked out rightly here.
    assert.ok(nacl.sign.detached.verify(text, changed, key.publicKey));
    assert.not(isSignedBy(key.publicKey, text, changed));
  });
});
