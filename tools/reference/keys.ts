/** Derivation, and the keys of people: sealing.md, Derivation and Keys. */
import { blake2b } from '@noble/hashes/blake2.js';
import { sha3_256, shake256 } from '@noble/hashes/sha3.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import nacl from 'tweetnacl';
import { areZeros, ascii, Fault, fromHex, hex, join } from './bytes.js';

/** sealing.md, Derivation. */
export function derive(key: Uint8Array, context: string, input: Uint8Array, length: number): Uint8Array {
  return blake2b(join(Uint8Array.of(context.length), ascii(context), input), { key, dkLen: length });
}

/** A seed with what follows from it: the recipient key, and the two secret keys under it. */
export type Identity = { seed: Uint8Array; publicKey: Uint8Array; mlkem: Uint8Array; x25519: Uint8Array };

/** The identity of a 32-octet seed: GenerateKeyPairDerand of draft-connolly-cfrg-xwing-kem, 5.2. */
export function identityOf(seed: Uint8Array): Identity {
  const expanded = shake256(seed, { dkLen: 96 });
  const mlkem = ml_kem768.keygen(expanded.slice(0, 64));
  const x25519 = expanded.slice(64, 96);
  const publicKey = join(mlkem.publicKey, nacl.scalarMult.base(x25519));
  return { seed, publicKey, mlkem: mlkem.secretKey, x25519 };
}

/**
 * X-Wing decapsulation (draft, 5.4 and 5.3): SHA3-256 over both secrets, the X25519 ciphertext and public key,
 * and the label. Undefined if the X25519 part is of low order (sealing.md, Opening a channel, 1).
 */
export function decapsulate(identity: Identity, ciphertext: Uint8Array): Uint8Array | undefined {
  const classical = ciphertext.slice(1088, 1120);
  const secretX = nacl.scalarMult(identity.x25519, classical);
  if (areZeros(secretX)) return undefined;
  const secretM = ml_kem768.decapsulate(ciphertext.slice(0, 1088), identity.mlkem);
  const label = fromHex('5c2e2f2f5e5c');
  return sha3_256(join(secretM, secretX, classical, identity.publicKey.subarray(1184), label));
}

/** The checksum of BIP 173, over five-bit values. */
export function polymod(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].forEach((generator, bit) => {
      if ((top >> bit) & 1) sum ^= generator;
    });
  }
  return sum;
}

/** The prefix of a Bech32 text, as its checksum has it. */
export function expandedPrefix(prefix: string): number[] {
  const codes = Array.from(prefix, (letter) => letter.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

export const bech32Letters = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

/** Octets of a Bech32 text (BIP 173 without its limit), undefined if it is none with this prefix. */
export function decodeBech32(prefix: string, text: string): Uint8Array | undefined {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return undefined;
  const split = lower.lastIndexOf('1');
  const values = Array.from(lower.slice(split + 1), (letter) => bech32Letters.indexOf(letter));
  if (lower.slice(0, split) !== prefix || values.length < 6 || values.includes(-1)) return undefined;
  if (polymod([...expandedPrefix(prefix), ...values]) !== 1) return undefined;
  const fives = values.slice(0, -6).map((value) => value.toString(2).padStart(5, '0'));
  const [, bits = '', filling = ''] = /^((?:.{8})*)(.*)$/.exec(fives.join('')) ?? [];
  if (filling.length > 4 || filling.includes('1')) return undefined;
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (eight) => Number.parseInt(eight, 2));
}

/** The identities of a key file (sealing.md, Keys), each once. `name` is told if it is none. */
export function parseIdentities(text: string, name: string): Identity[] {
  const trimmed = text.split('\n').map((line) => line.trim());
  const lines = trimmed.filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) throw new Fault(name, 'no identity');
  const seeds = lines.map((line) => {
    const seed = decodeBech32('age-secret-key-pq-', line);
    if (seed?.length !== 32) throw new Fault(name, 'a line that is no identity');
    return hex(seed);
  });
  return [...new Set(seeds)].map((seed) => identityOf(fromHex(seed)));
}
