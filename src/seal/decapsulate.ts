/**
 * X-Wing decapsulation (draft-connolly-cfrg-xwing-kem, section 5.5) from its parts. libsodium's own expands the seed anew
 * for every ciphertext and does X25519 in wasm; a reader tries one identity on thousands of channels, and this takes half
 * the time. test/seal holds the two together.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hash,
  type KeyObject,
} from 'node:crypto';
import { concat, view } from '../core/bytes.js';
import type { Identity } from './keys.js';
import { mustSucceed, raw, SodiumMemory } from './sodium.js';

const mlkem = { seed: 64, publicKey: 1184, secretKey: 2400, ciphertext: 1088 } as const;
const x25519Size = 32;
/** RFC 8410: what stands before a raw X25519 key in DER. */
const privatePrefix = Buffer.from('302e020100300506032b656e04220420', 'hex');
const label = Buffer.from('5c2e2f2f5e5c', 'hex');

interface Expanded {
  readonly mlkemSecret: SodiumMemory;
  readonly x25519Secret: KeyObject;
  readonly x25519Public: Uint8Array;
}

/** Expanded keys stay as long as their identity does. */
const expandedKeys = new WeakMap<Identity, Expanded>();
const ciphertextMemory = new SodiumMemory(mlkem.ciphertext);

/** The shared secret of a ciphertext of 1120 bytes into `into` (32 bytes). False if its X25519 part is of low order. */
export function decapsulate(into: SodiumMemory, ciphertext: Uint8Array, identity: Identity): boolean {
  const keys = expand(identity);
  const x25519Ciphertext = ciphertext.subarray(mlkem.ciphertext);
  let x25519Shared: Uint8Array;
  try {
    // As a JWK, because OpenSSL takes twenty times longer to read the same key in DER.
    const x = view(x25519Ciphertext).toString('base64url');
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
    x25519Shared = diffieHellman({ privateKey: keys.x25519Secret, publicKey });
  } catch {
    return false;
  }
  ciphertextMemory.write(ciphertext.subarray(0, mlkem.ciphertext));
  mustSucceed(
    raw._crypto_kem_mlkem768_dec(into.at, ciphertextMemory.at, keys.mlkemSecret.at),
    'ML-KEM decapsulation',
  );
  into.write(
    hash('sha3-256', concat(into.view(), x25519Shared, x25519Ciphertext, keys.x25519Public, label), 'buffer'),
  );
  return true;
}

/** Section 5.2: SHAKE-256 of the seed gives the ML-KEM seed d | z and the X25519 secret. */
function expand(identity: Identity): Expanded {
  const known = expandedKeys.get(identity);
  if (known) return known;
  const expanded = shake256(identity.seed, mlkem.seed + x25519Size);
  const seed = SodiumMemory.of(expanded.subarray(0, mlkem.seed));
  const publicMemory = new SodiumMemory(mlkem.publicKey);
  const mlkemSecret = new SodiumMemory(mlkem.secretKey);
  mustSucceed(
    raw._crypto_kem_mlkem768_seed_keypair(publicMemory.at, mlkemSecret.at, seed.at),
    'ML-KEM key generation',
  );
  seed.release();
  publicMemory.release();
  const keys = {
    mlkemSecret,
    x25519Secret: createPrivateKey({
      key: Buffer.concat([privatePrefix, expanded.subarray(mlkem.seed)]),
      format: 'der',
      type: 'pkcs8',
    }),
    x25519Public: identity.publicKey.subarray(mlkem.publicKey),
  };
  expanded.fill(0);
  expandedKeys.set(identity, keys);
  return keys;
}

function shake256(input: Uint8Array, outputLength: number): Buffer {
  return createHash('shake256', { outputLength }).update(input).digest();
}
