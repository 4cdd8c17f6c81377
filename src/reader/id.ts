/** Id: how a person names a mail. It follows from the envelope's tag, so it is the same in every copy of the journal. */

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
export const idLength = 13;

/** The first 8 bytes of a tag in base32 (RFC 4648, lower case, no padding): 13 letters and digits. */
export function idOf(tag: Uint8Array): string {
  let id = '';
  let bits = 0;
  let waiting = 0;
  for (let at = 0; at < 8; at++) {
    bits = ((bits << 8) | (tag[at] as number)) & 0xfff;
    for (waiting += 8; waiting >= 5; waiting -= 5) id += alphabet[(bits >> (waiting - 5)) & 31];
  }
  return id + alphabet[(bits << (5 - waiting)) & 31];
}
