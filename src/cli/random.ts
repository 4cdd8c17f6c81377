/** Random bytes of the operating system, drawn many at a time. */
import { randomFillSync } from 'node:crypto';

const pool = Buffer.allocUnsafeSlow(65_536);
let used = pool.length;

/** Fresh random bytes, in an array of their own. What is handed out is wiped from the pool. */
export function random(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  if (length > pool.length / 8) return randomFillSync(bytes);
  if (used + length > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  bytes.set(pool.subarray(used, used + length));
  pool.fill(0, used, used + length);
  used += length;
  return bytes;
}
