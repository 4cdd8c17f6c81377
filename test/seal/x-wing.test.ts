/** X-Wing as obalka uses it: against the draft's vectors, and against an implementation that shares nothing with it. */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { blake2b } from '@noble/hashes/blake2.js';
import { sha3_256 } from '@noble/hashes/sha3.js';
import { ml_kem768_x25519 as xWing } from '@noble/post-quantum/hybrid.js';
import fc from 'fast-check';
import sodium from 'libsodium-wrappers';
import { concat, hex } from '../../src/core/bytes.js';
import { encodePlace } from '../../src/format/place.js';
import { openChannel, sealChannel } from '../../src/seal/channel.js';
import { decapsulate as decapsulateInto } from '../../src/seal/decapsulate.js';
import { identityOf, isPublicKey } from '../../src/seal/keys.js';
import { mustSucceed, raw, SodiumMemory } from '../../src/seal/sodium.js';
import { bytesFrom } from '../support/chance.js';
import { assert, suite } from '../support/suite.js';
import { readVectors } from '../support/vectors.js';

const place = {
  journal: bytesFrom('journal', 16),
  lane: bytesFrom('lane', 16),
  segment: 3,
  id: bytesFrom('segment', 16),
};

/** The channel's key by spec/sealing.md, with nothing of src/seal. */
function channelKey(shared: Uint8Array, at: Uint8Array): Uint8Array {
  const context = Buffer.from('obalka channel key v1');
  return blake2b(concat(Uint8Array.of(context.length), context, at), { key: shared, dkLen: 32 });
}

function encapsulate(
  publicKey: Uint8Array,
  seed: Uint8Array,
): { ciphertext: Uint8Array; shared: Uint8Array } {
  const [to, from] = [SodiumMemory.of(publicKey), SodiumMemory.of(seed)];
  const [ciphertext, shared] = [new SodiumMemory(1120), new SodiumMemory(32)];
  mustSucceed(
    raw._crypto_kem_xwing_enc_deterministic(ciphertext.at, shared.at, to.at, from.at),
    'encapsulation',
  );
  const result = { ciphertext: ciphertext.read(), shared: shared.read() };
  for (const memory of [to, from, ciphertext, shared]) memory.release();
  return result;
}

function decapsulate(ciphertext: Uint8Array, seed: Uint8Array): Uint8Array | undefined {
  const shared = new SodiumMemory(32);
  const result = decapsulateInto(shared, ciphertext, identityOf(seed)) ? shared.read() : undefined;
  shared.release();
  return result;
}

const show = (bytes: Uint8Array | undefined) => (bytes ? hex(bytes) : 'nothing');

suite('X-Wing', (test) => {
  const vectors = readVectors('x-wing.txt');

  test('the vectors of the draft come out otherwise', () => {
    assert.is(vectors.length, 3);
    for (const vector of vectors) {
      const { publicKey } = identityOf(vector.bytes('seed'));
      assert.is(hex(sha3_256(publicKey)), vector.text('public-key-sha3'));
      assert.is(hex(publicKey.subarray(0, 32)), vector.text('public-key-begins'));
      const { ciphertext, shared } = encapsulate(publicKey, vector.bytes('encapsulation-seed'));
      assert.is(hex(sha3_256(ciphertext)), vector.text('ciphertext-sha3'));
      assert.is(hex(shared), vector.text('shared-secret'));
      assert.is(show(decapsulate(ciphertext, vector.bytes('seed'))), vector.text('shared-secret'));
    }
  });

  test('the second implementation reads the vectors otherwise', () => {
    for (const vector of vectors) {
      const { publicKey, secretKey } = xWing.keygen(vector.bytes('seed'));
      const { cipherText, sharedSecret } = xWing.encapsulate(publicKey, vector.bytes('encapsulation-seed'));
      assert.is(hex(sha3_256(cipherText)), vector.text('ciphertext-sha3'));
      assert.is(hex(sharedSecret), vector.text('shared-secret'));
      assert.is(hex(xWing.decapsulate(cipherText, secretKey)), vector.text('shared-secret'));
    }
  });

  test('a channel is sealed to something else than the vector says', () => {
    for (const vector of vectors) {
      const { publicKey, fingerprint } = identityOf(vector.bytes('seed'));
      const body = new Uint8Array(1264);
      sealChannel(body, publicKey, place, 7, () => vector.bytes('encapsulation-seed')).wipe();
      assert.is(hex(sha3_256(body.subarray(0, 1120))), vector.text('ciphertext-sha3'));
      const at = encodePlace(place, 'channels', 7);
      const key = channelKey(vector.bytes('shared-secret'), at);
      const text = chacha20poly1305(key, new Uint8Array(12), at).decrypt(body.subarray(1120));
      assert.is(text.length, 128);
      assert.is(text[0], 1);
      assert.is(hex(text.subarray(1, 33)), hex(fingerprint));
      assert.ok(text.subarray(33).every((byte) => byte === 0));
    }
  });

  test('keys, ciphertexts or secrets differ from those of the second implementation', () => {
    const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const randomness = fc.uint8Array({ minLength: 64, maxLength: 64 });
    fc.assert(
      fc.property(seeds, randomness, (seed, random) => {
        const ours = identityOf(seed);
        const theirs = xWing.keygen(seed);
        assert.is(hex(ours.publicKey), hex(theirs.publicKey));
        const sent = encapsulate(ours.publicKey, random);
        assert.is(hex(xWing.decapsulate(sent.ciphertext, theirs.secretKey)), hex(sent.shared));
        const received = xWing.encapsulate(theirs.publicKey, random);
        assert.is(hex(received.cipherText), hex(sent.ciphertext));
        assert.is(show(decapsulate(received.cipherText, seed)), hex(received.sharedSecret));
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  test('the decapsulation from parts differs from the whole one, for a good ciphertext or a changed one', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(bytes(32), bytes(64), fc.nat(1120), fc.nat(255), (seed, random, at, change) => {
        const { ciphertext } = encapsulate(identityOf(seed).publicKey, random);
        // At 1120 nothing is changed; an ML-KEM part that was changed is rejected implicitly: another secret comes out.
        if (at < 1120) ciphertext[at] = (ciphertext[at] as number) ^ change;
        assert.is(show(decapsulate(ciphertext, seed)), hex(sodium.crypto_kem_xwing_dec(ciphertext, seed)));
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test('a point of low order gives a secret that anybody knows', () => {
    const owner = identityOf(bytesFrom('owner', 32));
    const { ciphertext } = encapsulate(owner.publicKey, bytesFrom('random', 64));
    for (const point of [new Uint8Array(32), Uint8Array.of(1, ...new Uint8Array(31))]) {
      ciphertext.set(point, 1088);
      assert.is(decapsulate(ciphertext, owner.seed), undefined);
    }
  });

  test('a channel opens for somebody else, elsewhere, or changed', () => {
    const owner = identityOf(bytesFrom('owner', 32));
    const other = identityOf(bytesFrom('other', 32));
    const body = new Uint8Array(1264);
    sealChannel(body, owner.publicKey, place, 5, (length) => bytesFrom('encapsulation', length)).wipe();
    assert.ok(openChannel(body, owner, place, 5));
    assert.not.ok(openChannel(body, other, place, 5));
    assert.not.ok(openChannel(body, owner, place, 6));
    assert.not.ok(openChannel(body, owner, { ...place, segment: 4 }, 5));
    assert.not.ok(openChannel(body, owner, { ...place, id: bytesFrom('another', 16) }, 5));
    assert.not.ok(openChannel(body, owner, { ...place, lane: bytesFrom('another', 16) }, 5));
    assert.not.ok(openChannel(body, owner, { ...place, journal: bytesFrom('another', 16) }, 5));
    for (let at = 0; at < body.length; at += 7) {
      const changed = body.slice();
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      assert.not.ok(openChannel(changed, owner, place, 5), `octet ${at}`);
    }
  });

  test('something is taken for a public key that nobody can seal to', () => {
    const { publicKey } = identityOf(bytesFrom('owner', 32));
    assert.ok(isPublicKey(publicKey));
    assert.not.ok(isPublicKey(publicKey.subarray(1)));
    assert.not.ok(isPublicKey(new Uint8Array(1216).fill(255)), 'coefficients above the modulus');
    const lowOrder = publicKey.slice();
    lowOrder.fill(0, 1184);
    assert.not.ok(isPublicKey(lowOrder), 'X25519 point of low order');
  });
});
