/** Public keys as people write and see them: sealing.md, Keys. A decoder needs none of it; the worked examples do. */
import { sha256 } from '@noble/hashes/sha2.js';
import { base32, fromHex, hex, join } from '../../tools/reference/bytes.js';
import { bech32Letters, expandedPrefix, polymod } from '../../tools/reference/keys.js';

/** BIP 173 without its limit. */
export function encodeBech32(prefix: string, octets: Uint8Array): string {
  const bits = Array.from(octets, (octet) => octet.toString(2).padStart(8, '0')).join('');
  const values = (bits.match(/.{1,5}/g) ?? []).map((five) => Number.parseInt(five.padEnd(5, '0'), 2));
  const sum = polymod([...expandedPrefix(prefix), ...values, 0, 0, 0, 0, 0, 0]) ^ 1;
  const check = [25, 20, 15, 10, 5, 0].map((shift) => (sum >> shift) & 31);
  return `${prefix}1${[...values, ...check].map((value) => bech32Letters[value]).join('')}`;
}

/** A fingerprint as people see it. */
export function shownFingerprint(fingerprint: Uint8Array): string {
  return (base32(fingerprint.subarray(0, 10)).match(/.{4}/g) ?? []).join('-');
}

export function keySetFingerprint(fingerprints: Uint8Array[]): Uint8Array {
  return sha256(join(...fingerprints.map(hex).sort().map(fromHex)));
}
