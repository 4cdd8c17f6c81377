/** BLAKE2b and SHA-256: against the published answers, and the derivation against an implementation of its own. */
import { blake2b as nobleBlake2b } from '@noble/hashes/blake2.js';
import fc from 'fast-check';
import { concat, hex } from '../../src/core/bytes.js';
import { sha256, startSha256 } from '../../src/core/sha256.js';
import { blake2b } from '../../src/seal/blake2b.js';
import { raw, SodiumMemory } from '../../src/seal/sodium.js';
import { assert, suite } from '../support/suite.js';
import { readVectors } from '../support/vectors.js';

suite('BLAKE2b', (test) => {
  const vectors = readVectors('hashes.txt');
  const of = (algorithm: string) => vectors.filter((vector) => vector.text('algorithm') === algorithm);

  test('the example of RFC 7693 comes out otherwise', () => {
    const [vector] = of('blake2b');
    assert.ok(vector);
    const [out, input] = [new SodiumMemory(64), SodiumMemory.of(vector.bytes('input'))];
    assert.is(raw._crypto_generichash(out.at, 64, input.at, input.size, 0, 0, 0), 0);
    assert.is(hex(out.read()), vector.text('digest'));
    assert.is(hex(nobleBlake2b(vector.bytes('input'))), vector.text('digest'));
  });

  test('the keyed answers of the reference implementation come out otherwise', () => {
    const [vector] = of('blake2b-keyed');
    assert.ok(vector);
    // An empty context is the one octet of its length, 0: the vector's input.
    assert.is(hex(blake2b(vector.bytes('key'), '', new Uint8Array(0), 64)), vector.text('digest'));
    assert.is(hex(nobleBlake2b(vector.bytes('input'), { key: vector.bytes('key') })), vector.text('digest'));
  });

  test('a derivation differs from keyed BLAKE2b over length, context and input', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 64 }),
        fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 16, max: 64 }),
        (key, context, input, dkLen) => {
          const message = concat(Uint8Array.of(context.length), Buffer.from(context, 'latin1'), input);
          assert.is(hex(blake2b(key, context, input, dkLen)), hex(nobleBlake2b(message, { key, dkLen })));
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  test('two contexts run into each other', () => {
    const key = new Uint8Array(32).fill(9);
    const one = blake2b(key, 'ab', Buffer.from('c'), 32);
    assert.not.equal(one, blake2b(key, 'a', Buffer.from('bc'), 32));
    assert.not.equal(one, blake2b(key, 'abc', new Uint8Array(0), 32));
  });

  test('an input that does not fit is cut', () => {
    assert.throws(() => blake2b(new Uint8Array(32), 'context', new Uint8Array(1024), 32), /over the end/);
  });
});

suite('SHA-256', (test) => {
  test('the examples of FIPS 180-4 come out otherwise, whole or piece by piece', () => {
    const vectors = readVectors('hashes.txt').filter((vector) => vector.text('algorithm') === 'sha256');
    assert.is(vectors.length, 2);
    for (const vector of vectors) {
      const input = vector.bytes('input');
      assert.is(hex(sha256(input)), vector.text('digest'));
      const pieces = startSha256();
      for (const byte of input) pieces.update(Uint8Array.of(byte));
      assert.is(pieces.digest('hex'), vector.text('digest'));
    }
  });
});
