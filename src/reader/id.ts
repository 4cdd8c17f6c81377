/** Id: how a person names a mail. It follows from the envelope's tag, so it is the same in every copy of the journal. */

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
export const idLength = 13;

/** The first 8 bytes of a tag in base32: 13 letters and digits. */
export function idOf(tag: Uint8Array): string {
  let bits = 0n;
  for (const byte of tag.subarray(0, 8)) bits = (bits << 8n) | BigInt(byte);
  bits <<= 1n;
  let id = '';
  for (let shift = 60n; shift >= 0n; shift -= 5n) id += alphabet[Number((bits >> shift) & 31n)];
  return id;
}
