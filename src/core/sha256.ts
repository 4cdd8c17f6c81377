/** SHA-256 (FIPS 180-4), in one shot or piece by piece. */
import { createHash, type Hash, hash } from 'node:crypto';

/** The 32-byte digest of one array. */
export function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer');
}

/** A digest that is fed piece by piece: `update`, then `digest` once. */
export function startSha256(): Hash {
  return createHash('sha256');
}
