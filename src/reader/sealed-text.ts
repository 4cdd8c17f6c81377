/** Sealed text: what an identity writes down for itself alone, filled up so that its length tells little. */
import { ascii, concat, view } from '../core/bytes.js';
import { nodeAead, nonceLength, tagLength } from '../seal/aead.js';
import type { Random } from '../seal/channel.js';

/** Texts are filled up with spaces to a multiple of this; an empty one is not shorter. Octets. */
const grain = 4096;

/** Seals with a key of 32 octets, bound to a name: nonce | ciphertext | tag. */
export function sealText(text: string, key: Uint8Array, name: string, random: Random): Uint8Array {
  const octets = Buffer.byteLength(text);
  const padded = Buffer.from(text + ' '.repeat(Math.max(1, Math.ceil(octets / grain)) * grain - octets));
  const nonce = random(nonceLength);
  const sealed = new Uint8Array(padded.length + tagLength);
  nodeAead.seal(sealed, key, nonce, ascii(name), padded);
  return concat(nonce, sealed);
}

/** The text without spaces at its end; undefined if it was not sealed with this key under this name. */
export function openText(sealed: Uint8Array, key: Uint8Array, name: string): string | undefined {
  if (sealed.length < nonceLength + tagLength) return undefined;
  const text = nodeAead.open(key, sealed.subarray(0, nonceLength), ascii(name), sealed.subarray(nonceLength));
  return text && view(text).toString('utf8').trimEnd();
}
