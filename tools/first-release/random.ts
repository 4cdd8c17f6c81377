/** In place of cli/random: octets from SEED. Numbers of fillers, which are drawn by two octets, are small. */
import { createHash } from 'node:crypto';

let drawn = 0;

export function fill<T extends ArrayBufferView>(view: T): T {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  for (let at = 0; at < bytes.length; at += 64) {
    const block = createHash('sha512').update(`${process.env.SEED} ${drawn++}`).digest();
    bytes.set(block.subarray(0, bytes.length - at), at);
  }
  return view;
}

export function random(length: number): Uint8Array {
  const bytes = fill(new Uint8Array(length));
  if (length === 2) bytes[1] = (bytes[1] as number) & 0b11000111;
  return bytes;
}
