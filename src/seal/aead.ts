/** ChaCha20-Poly1305 (RFC 8439), twice: node:crypto for large cells, libsodium for small ones and for browsers. Same bytes. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { mustSucceed, raw, SodiumMemory } from './sodium.js';

export const tagLength = 16;
export const keyLength = 32;
export const nonceLength = 12;

export interface Aead {
  readonly name: string;
  /** Writes ciphertext | tag (16 bytes longer than the plaintext) to the beginning of `into`. */
  seal(into: Uint8Array, key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): void;
  /** The plaintext, or undefined if the tag does not hold. */
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
}

const algorithm = 'chacha20-poly1305';
const options = { authTagLength: tagLength };

export const nodeAead: Aead = {
  name: 'node:crypto',
  seal(into, key, nonce, aad, plaintext) {
    const cipher = createCipheriv(algorithm, key, nonce, options);
    cipher.setAAD(aad, { plaintextLength: plaintext.length });
    into.set(cipher.update(plaintext));
    cipher.final();
    into.set(cipher.getAuthTag(), plaintext.length);
  },
  open(key, nonce, aad, sealed) {
    if (sealed.length < tagLength) return undefined;
    const length = sealed.length - tagLength;
    const decipher = createDecipheriv(algorithm, key, nonce, options);
    decipher.setAAD(aad, { plaintextLength: length });
    decipher.setAuthTag(sealed.subarray(length));
    const plaintext = decipher.update(sealed.subarray(0, length));
    try {
      decipher.final();
      return plaintext;
    } catch {
      plaintext.fill(0);
      return undefined;
    }
  },
};

/** Largest plaintext the libsodium implementation takes: one block. */
const room = 16384;
const textMemory = new SodiumMemory(room);
const sealedMemory = new SodiumMemory(room + tagLength);
const smallMemory = new SodiumMemory(256);
const aadAt = 64;

export const sodiumAead: Aead = {
  name: 'libsodium',
  seal(into, key, nonce, aad, plaintext) {
    placeSmall(key, nonce, aad);
    textMemory.write(plaintext);
    sealIn(smallMemory.at, aad.length, plaintext.length);
    sealedMemory.copyTo(into, 0, plaintext.length + tagLength);
    smallMemory.wipe();
    raw.HEAPU8.fill(0, textMemory.at, textMemory.at + plaintext.length);
  },
  open(key, nonce, aad, sealed) {
    if (sealed.length < tagLength) return undefined;
    placeSmall(key, nonce, aad);
    sealedMemory.write(sealed);
    const result = raw._crypto_aead_chacha20poly1305_ietf_decrypt(
      textMemory.at,
      0,
      0,
      sealedMemory.at,
      sealed.length,
      0,
      smallMemory.at + aadAt,
      aad.length,
      0,
      smallMemory.at + keyLength,
      smallMemory.at,
    );
    const plaintext = result === 0 ? textMemory.read(0, sealed.length - tagLength) : undefined;
    smallMemory.wipe();
    raw.HEAPU8.fill(0, textMemory.at, textMemory.at + sealed.length);
    return plaintext;
  },
};

/** Seals with a key that never leaves wasm memory (a channel's step). Writes ciphertext | tag to `into`. */
export function sealWithKeyAt(
  into: Uint8Array,
  keyAt: number,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): void {
  smallMemory.write(nonce, keyLength);
  smallMemory.write(aad, aadAt);
  textMemory.write(plaintext);
  sealIn(keyAt, aad.length, plaintext.length);
  sealedMemory.copyTo(into, 0, plaintext.length + tagLength);
  raw.HEAPU8.fill(0, textMemory.at, textMemory.at + plaintext.length);
}

/** smallMemory: key (32) | nonce (12) … | aad from 64. */
function placeSmall(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array): void {
  smallMemory.write(key);
  smallMemory.write(nonce, keyLength);
  smallMemory.write(aad, aadAt);
}

function sealIn(keyAt: number, aadLength: number, length: number): void {
  mustSucceed(
    raw._crypto_aead_chacha20poly1305_ietf_encrypt(
      sealedMemory.at,
      0,
      textMemory.at,
      length,
      0,
      smallMemory.at + aadAt,
      aadLength,
      0,
      0,
      smallMemory.at + keyLength,
      keyAt,
    ),
    'ChaCha20-Poly1305',
  );
}
