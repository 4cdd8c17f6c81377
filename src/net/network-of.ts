/** Network of an address: what counts as one client, whatever addresses it chooses from. */

import { plainAddress } from './networks.js';

/** How many leading bits name a network. */
export interface NetworkBits {
  readonly v4: number;
  readonly v6: number;
}

/**
 * The network of an IP address, as text that is equal for all addresses of it. An IPv4 address that is mapped into IPv6 is
 * the IPv4 address; a zone ("%eth0") does not count. Text that is no address is a network of its own.
 */
export function networkOf(address: string, bits: NetworkBits): string {
  const plain = plainAddress(address);
  if (plain.includes(':')) return `6:${masked(groupsOf(plain), 16, bits.v6)}`;
  const octets = plain.split('.').map(Number);
  return octets.length === 4 ? `4:${masked(octets, 8, bits.v4)}` : plain;
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const whole = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [256 * Number(a) + Number(b), 256 * Number(c) + Number(d)].map((group) => group.toString(16)).join(':'),
  );
  const [head = '', tail] = whole.split('::');
  const read = (text: string | undefined) =>
    text ? text.split(':').map((group) => Number.parseInt(group, 16)) : [];
  const [before, after] = [read(head), read(tail)];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}

/** The words of `width` bits with all but the first `bits` bits cleared. */
function masked(words: readonly number[], width: number, bits: number): string {
  const kept = words.map((word, index) => {
    const left = Math.min(Math.max(bits - index * width, 0), width);
    return word & (~0 << (width - left)) & (2 ** width - 1);
  });
  return kept.map((word) => word.toString(16)).join('.');
}
