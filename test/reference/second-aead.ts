/** A second ChaCha20-Poly1305, written out by RFC 8439: tweetnacl has no ChaCha20. */
import { equal, fromHex, hex, join } from '../../tools/reference/bytes.js';

/** One word of a block of 16. */
const word = (state: Uint32Array, i: number) => state[i] as number;

function quarterRound(state: Uint32Array, a: number, b: number, c: number, d: number): void {
  for (const [to, from, mixed, bits] of [
    [a, b, d, 16],
    [c, d, b, 12],
    [a, b, d, 8],
    [c, d, b, 7],
  ] as const) {
    state[to] = word(state, to) + word(state, from);
    const value = word(state, mixed) ^ word(state, to);
    state[mixed] = (value << bits) | (value >>> (32 - bits));
  }
}

/** RFC 8439, 2.3: 64 octets of the key stream. */
export function chachaBlock(key: Uint8Array, counter: number, nonce: Uint8Array): Uint8Array {
  const begin = new DataView(
    join(new TextEncoder().encode('expand 32-byte k'), key, new Uint8Array(4), nonce).buffer,
  );
  const first = Uint32Array.from({ length: 16 }, (_, i) =>
    i === 12 ? counter : begin.getUint32(4 * i, true),
  );
  const state = first.slice();
  for (let round = 0; round < 10; round += 1) {
    for (const i of [0, 1, 2, 3]) quarterRound(state, i, i + 4, i + 8, i + 12);
    for (const i of [0, 1, 2, 3])
      quarterRound(state, i, 4 + ((i + 1) & 3), 8 + ((i + 2) & 3), 12 + ((i + 3) & 3));
  }
  const block = new DataView(new ArrayBuffer(64));
  state.forEach((value, i) => {
    block.setUint32(4 * i, value + word(first, i), true);
  });
  return new Uint8Array(block.buffer);
}

/** Zeros up to a multiple of 16. */
const filled = (octets: Uint8Array) => join(octets, new Uint8Array(-octets.length & 15));

/** A length as eight octets, little-endian. */
function lengthOf(octets: Uint8Array): Uint8Array {
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(octets.length), true);
  return new Uint8Array(length.buffer);
}

/** Octets as a little-endian number, and back. */
const numberOf = (octets: Uint8Array) => BigInt(`0x${hex(octets.slice().reverse())}`);
const octetsOf = (value: bigint) => fromHex(value.toString(16).padStart(32, '0').slice(-32)).reverse();

/** RFC 8439, 2.5. */
function poly1305(key: Uint8Array, text: Uint8Array): Uint8Array {
  const r = numberOf(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  let sum = 0n;
  for (let at = 0; at < text.length; at += 16)
    sum = ((sum + numberOf(join(text.subarray(at, at + 16), fromHex('01')))) * r) % (2n ** 130n - 5n);
  return octetsOf(sum + numberOf(key.subarray(16)));
}

/** RFC 8439, 2.8: the plaintext, undefined if the tag does not hold. */
export function open(key: Uint8Array, nonce: Uint8Array, data: Uint8Array, sealed: Uint8Array) {
  const text = sealed.slice(0, -16);
  const oneTimeKey = chachaBlock(key, 0, nonce).subarray(0, 32);
  const authenticated = join(filled(data), filled(text), lengthOf(data), lengthOf(text));
  if (!equal(poly1305(oneTimeKey, authenticated), sealed.slice(-16))) return undefined;
  for (let at = 0; at < text.length; at += 64) {
    const stream = chachaBlock(key, 1 + at / 64, nonce);
    for (let i = at; i < Math.min(at + 64, text.length); i += 1)
      text[i] = (text[i] as number) ^ (stream[i - at] as number);
  }
  return text;
}
