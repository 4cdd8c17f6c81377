/** SHA-256 (FIPS 180-4), one shot. */
import { hash } from 'node:crypto';

/** The 32-byte digest of one array. */
export function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer');
}
