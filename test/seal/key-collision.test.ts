/** Key collision: one ciphertext that ChaCha20-Poly1305 opens under two keys (Len, Grubbs, Ristenpart 2021). */
import { chacha20 } from '@noble/ciphers/chacha.js';
import { blake2b } from '@noble/hashes/blake2.js';
import { concat, hex } from '../../src/core/bytes.js';
import { encodePlace } from '../../src/format/place.js';
import { nodeAead } from '../../src/seal/aead.js';
import { type BlockIndex, blockRoom, MessageKeys } from '../../src/seal/block.js';
import { bytesFrom } from '../support/chance.js';
import { assert, suite } from '../support/suite.js';

const place = {
  journal: bytesFrom('journal', 16),
  lane: bytesFrom('lane', 16),
  segment: 3,
  id: bytesFrom('segment', 16),
};
const prime = 2n ** 130n - 5n;
const modulo = (value: bigint) => ((value % prime) + prime) % prime;

function power(base: bigint, exponent: number): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0; rest >>= 1) {
    if (rest & 1) result = modulo(result * square);
    square = modulo(square * square);
  }
  return result;
}

/** 1 / value mod p, by Fermat. */
function inverse(value: bigint): bigint {
  let result = 1n;
  for (let bit = 129; bit >= 0; bit--) {
    result = modulo(result * result);
    if (((prime - 2n) >> BigInt(bit)) & 1n) result = modulo(result * value);
  }
  return result;
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${hex(bytes.slice().reverse())}`);
}

function toBytes(value: bigint): Uint8Array {
  return new Uint8Array(Buffer.from(value.toString(16).padStart(32, '0'), 'hex').reverse());
}

/** What one message key makes of a block, by spec/sealing.md and RFC 8439, section 2.8. */
class Target {
  readonly r: bigint;
  readonly s: bigint;
  readonly aad: Uint8Array;

  constructor(messageKey: Uint8Array, { level, index, final }: BlockIndex, number: number) {
    const derive = (context: string, dkLen: number) =>
      blake2b(concat(Uint8Array.of(context.length), Buffer.from(context)), { key: messageKey, dkLen });
    const keys = derive('obalka block key v1', 64);
    const nonce = derive('obalka block nonce v1', 16).slice(0, 12);
    nonce[0] = (nonce[0] as number) ^ level;
    nonce[1] = (nonce[1] as number) ^ (final ? 1 : 0);
    nonce[11] = (nonce[11] as number) ^ index;
    const oneTime = chacha20(keys.subarray(0, 32), nonce, new Uint8Array(32));
    this.r = littleEndian(oneTime.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
    this.s = littleEndian(oneTime.subarray(16));
    this.aad = concat(encodePlace(place, 'blocks', number), keys.subarray(32));
  }

  /** Poly1305 before s is added, over padded associated data, ciphertext and lengths. */
  sum(ciphertext: Uint8Array): bigint {
    const padded = new Uint8Array(Math.ceil(this.aad.length / 16) * 16);
    padded.set(this.aad);
    const lengths = new Uint8Array(16);
    new DataView(lengths.buffer).setUint32(0, this.aad.length, true);
    new DataView(lengths.buffer).setUint32(8, ciphertext.length, true);
    const all = concat(padded, ciphertext, lengths);
    let sum = 0n;
    for (let at = 0; at < all.length; at += 16)
      sum = modulo((sum + littleEndian(all.subarray(at, at + 16)) + 2n ** 128n) * this.r);
    return sum;
  }
}

/** A ciphertext of so many octets and one tag that holds under both targets. Two blocks of it are solved for. */
function collide(one: Target, two: Target, length: number): Uint8Array {
  const blocks = length / 16;
  const [a, b] = [blocks - 2, blocks - 1];
  const exponent = (block: number) => blocks - block + 1;
  for (let attempt = 0; ; attempt++) {
    const ciphertext = bytesFrom(`filling ${attempt}`, length);
    ciphertext.fill(0, a * 16);
    const tag = littleEndian(bytesFrom(`tag ${attempt}`, 16));
    const rest = (target: Target) =>
      modulo(((tag - target.s + 2n ** 128n) % 2n ** 128n) - target.sum(ciphertext));
    const [p, q, u] = [power(one.r, exponent(a)), power(one.r, exponent(b)), rest(one)];
    const [v, w, z] = [power(two.r, exponent(a)), power(two.r, exponent(b)), rest(two)];
    const scale = inverse(modulo(p * w - q * v));
    const x = modulo((u * w - q * z) * scale);
    const y = modulo((p * z - u * v) * scale);
    if (x >= 2n ** 128n || y >= 2n ** 128n) continue;
    ciphertext.set(toBytes(x), a * 16);
    ciphertext.set(toBytes(y), b * 16);
    return concat(ciphertext, toBytes(tag));
  }
}

suite('key collision', (test) => {
  const secrets = [bytesFrom('one message key', 32), bytesFrom('another message key', 32)] as const;
  const [one, two] = secrets.map((secret) => new MessageKeys(secret.slice())) as [MessageKeys, MessageKeys];
  const collision = (block: BlockIndex, number: number) =>
    collide(new Target(secrets[0], block, number), new Target(secrets[1], block, number), blockRoom(block));

  test('the test itself makes no collision', () => {
    // A block after the first has no commitment of its own: alone, it opens under both keys, to different texts.
    const block = { level: 0, index: 1, final: true };
    const body = collision(block, 4);
    const texts = [one, two].map((keys) => keys.open(body, block, place, 4, nodeAead));
    assert.ok(texts[0] && texts[1]);
    assert.is.not(hex(texts[0].subarray(0, 64)), hex(texts[1].subarray(0, 64)));
  });

  test('two keys open one message to different texts', () => {
    // Every message has a first block, and its commitment belongs to one message key.
    const block = { level: 0, index: 0, final: true };
    const sealed = collision(block, 3);
    const open = (commitment: Uint8Array) =>
      [one, two].map(
        (keys) => keys.open(concat(commitment, sealed), block, place, 3, nodeAead) !== undefined,
      );
    assert.equal(open(one.commitment), [true, false]);
    assert.equal(open(two.commitment), [false, true]);
    assert.equal(open(bytesFrom('neither', 32)), [false, false]);
  });
});
