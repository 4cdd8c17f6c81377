/** A ciphertext that ChaCha20-Poly1305 opens under two keys (Len, Grubbs, Ristenpart 2021), with chosen text under each. */
import { chacha20 } from '@noble/ciphers/chacha.js';
import { concat, hex } from '../../src/core/bytes.js';
import { encodePlace, type SegmentPlace } from '../../src/format/place.js';
import { blake2b } from '../../src/seal/blake2b.js';
import type { Chance } from './chance.js';

const prime = 2n ** 130n - 5n;
const modulo = (value: bigint) => ((value % prime) + prime) % prime;
/** Octets of the only block of a message: 1020 pieces of 16. */
const length = 16320;
const pieces = length / 16;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = modulo(result * square);
    square = modulo(square * square);
  }
  return result;
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${hex(bytes.slice().reverse())}`);
}

function toLittleEndian(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(32, '0'), 'hex').reverse();
}

/** What one message key makes of the only block of its message (spec/sealing.md, Blocks; RFC 8439, section 2.8). */
export class BlockTarget {
  readonly commitment: Uint8Array;
  readonly r: bigint;
  readonly s: bigint;
  readonly #data: Uint8Array;
  readonly #stream: Uint8Array;

  constructor(messageKey: Uint8Array, at: SegmentPlace, number: number) {
    const none = new Uint8Array(0);
    const keys = blake2b(messageKey, 'obalka block key v1', none, 64);
    const nonce = blake2b(messageKey, 'obalka block nonce v1', none, 16).slice(0, 12);
    nonce[1] = (nonce[1] as number) ^ 1;
    this.commitment = keys.slice(32);
    this.#data = concat(encodePlace(at, 'blocks', number), this.commitment);
    const stream = chacha20(keys.slice(0, 32), nonce, new Uint8Array(64 + length));
    this.r = fromLittleEndian(stream.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
    this.s = fromLittleEndian(stream.subarray(16, 32));
    this.#stream = stream.subarray(64);
  }

  /** The ciphertext of some plaintext that stands at an offset. */
  encrypt(plaintext: Uint8Array, offset: number): Uint8Array {
    return plaintext.map((octet, index) => octet ^ (this.#stream[offset + index] as number));
  }

  /** Poly1305 before s is added. */
  sum(ciphertext: Uint8Array): bigint {
    const data = new Uint8Array(Math.ceil(this.#data.length / 16) * 16);
    data.set(this.#data);
    const lengths = new DataView(new ArrayBuffer(16));
    lengths.setUint32(0, this.#data.length, true);
    lengths.setUint32(8, length, true);
    const all = concat(data, ciphertext, new Uint8Array(lengths.buffer));
    let sum = 0n;
    for (let at = 0; at < all.length; at += 16)
      sum = modulo((sum + fromLittleEndian(all.subarray(at, at + 16)) + 2n ** 128n) * this.r);
    return sum;
  }
}

/** Plaintext that a ciphertext is to have under one target. */
export interface Wish {
  readonly target: BlockTarget;
  readonly plaintext: Uint8Array;
  readonly offset: number;
}

/** Ciphertext and tag (16336 octets) that hold under both targets. The last two pieces of 16 octets are solved for. */
export function collide(one: Wish, two: Wish, chance: Chance): Uint8Array {
  const [a, b] = [3n, 2n];
  for (;;) {
    const ciphertext = chance(length);
    for (const { target, plaintext, offset } of [one, two])
      ciphertext.set(target.encrypt(plaintext, offset), offset);
    ciphertext.fill(0, (pieces - 2) * 16);
    const tag = chance(16);
    const rest = ({ r, s, sum }: { r: bigint; s: bigint; sum: bigint }) => ({
      first: power(r, a),
      second: power(r, b),
      value: modulo(((fromLittleEndian(tag) - s + 2n ** 128n) % 2n ** 128n) - sum),
    });
    const [p, q] = [one, two].map(({ target }) =>
      rest({ r: target.r, s: target.s, sum: target.sum(ciphertext) }),
    ) as [ReturnType<typeof rest>, ReturnType<typeof rest>];
    // Two equations for two pieces: first * x + second * y = value. Fermat gives the inverse of the determinant.
    const inverse = power(modulo(p.first * q.second - p.second * q.first), prime - 2n);
    const x = modulo((p.value * q.second - p.second * q.value) * inverse);
    const y = modulo((p.first * q.value - p.value * q.first) * inverse);
    if (x >= 2n ** 128n || y >= 2n ** 128n) continue;
    ciphertext.set(toLittleEndian(x), (pieces - 2) * 16);
    ciphertext.set(toLittleEndian(y), (pieces - 1) * 16);
    return concat(ciphertext, tag);
  }
}
