/** A file key under a passphrase: the scrypt stanza of age (C2SP age.md, The scrypt recipient stanza). */
import { scrypt } from 'node:crypto';
import { concat } from '../core/bytes.js';
import { nodeAead, nonceLength, tagLength } from './aead.js';

/** Work factors are powers of two: 18 means 2^18, a second and 256 MiB; 22 means 4 GiB. */
export const usualWorkFactor = 18;
export const highestWorkFactor = 22;

export const saltLength = 16;
export const fileKeyLength = 16;

/** What a stanza says: all that is needed besides the passphrase. */
export interface PassphraseStanza {
  readonly salt: Uint8Array;
  readonly workFactor: number;
  /** The sealed file key: 32 octets. */
  readonly body: Uint8Array;
}

const label = Buffer.from('age-encryption.org/v1/scrypt');
const blockSize = 8;
const zeroNonce = new Uint8Array(nonceLength);
const nothing = new Uint8Array(0);

/** The file key (16 octets), or undefined if it is another passphrase. Rejects where there is not enough memory. */
export async function openFileKey(
  { salt, workFactor, body }: PassphraseStanza,
  passphrase: Uint8Array,
): Promise<Uint8Array | undefined> {
  const key = await stretch(passphrase, salt, workFactor);
  try {
    return nodeAead.open(key, zeroNonce, nothing, body);
  } finally {
    key.fill(0);
  }
}

/** Seals a file key (16 octets) under a passphrase. `salt` is 16 random octets. */
export async function sealFileKey(
  fileKey: Uint8Array,
  passphrase: Uint8Array,
  salt: Uint8Array,
  workFactor: number,
): Promise<PassphraseStanza> {
  const key = await stretch(passphrase, salt, workFactor);
  const body = new Uint8Array(fileKeyLength + tagLength);
  nodeAead.seal(body, key, zeroNonce, nothing, fileKey);
  key.fill(0);
  return { salt, workFactor, body };
}

function stretch(passphrase: Uint8Array, salt: Uint8Array, workFactor: number): Promise<Buffer> {
  const N = 2 ** workFactor;
  const options = { N, r: blockSize, p: 1, maxmem: 128 * blockSize * (N + 64) };
  return new Promise((resolve, reject) => {
    scrypt(passphrase, concat(label, salt), 32, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
