/** HKDF with SHA-256 (RFC 5869), for files of other formats. It leaves copies of its key in memory: for the reader only. */
import { hkdfSync } from 'node:crypto';

export function hkdfSha256(key: Uint8Array, salt: Uint8Array, info: string, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, salt, info, length));
}
