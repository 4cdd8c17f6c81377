/** Networks: lists of addresses and prefixes that people write, and whether an address is in one. */
import { BlockList, isIP } from 'node:net';
import { Problem } from '../core/errors.js';

export interface Networks {
  /** Whether an IP address is in one of the networks; an IPv4 address in IPv6 clothes counts as itself. */
  has(address: string): boolean;
}

/**
 * Reads "192.0.2.7", "192.0.2.0/24", "2001:db8::/32". Throws a usage Problem for what is neither an address nor a
 * prefix, or a prefix with bits set behind its end: that is a slip, and a wider network than was meant.
 */
export function parseNetworks(texts: readonly string[]): Networks {
  // One list would find IPv4 addresses in prefixes of IPv6: ::/0 would be everybody.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const text of texts) add(lists, text);
  return {
    has: (address) => {
      const plain = plainAddress(address);
      const version = isIP(plain);
      if (version === 0) return false;
      return version === 4 ? lists.ipv4.check(plain, 'ipv4') : lists.ipv6.check(plain, 'ipv6');
    },
  };
}

/** The address without a zone; one that is mapped into IPv6 (::ffff:192.0.2.7) as IPv4. */
export function plainAddress(address: string): string {
  const [bare = ''] = address.split('%');
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  if (dotted !== undefined) return dotted;
  // Other spellings of the same: ::ffff:c000:207, 0:0:0:0:0:ffff:192.0.2.7.
  if (!/ffff/i.test(bare) || isIP(bare) !== 6) return bare;
  const value = ipv6Value(bare);
  if (value >> 32n !== 0xffffn) return bare;
  return [24n, 16n, 8n, 0n].map((bits) => (value >> bits) & 0xffn).join('.');
}

function add(lists: Readonly<Record<'ipv4' | 'ipv6', BlockList>>, text: string): void {
  const fail = (fault: string) => new Problem('usage', `${JSON.stringify(text)} is not a network: ${fault}`);
  const [address = '', length, ...more] = text.trim().split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0 || address.includes('%'))
    throw fail('write an address or a prefix, as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32');
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const list = lists[family];
  if (version === 6 && plainAddress(address) !== address)
    throw fail('write addresses that are mapped into IPv6 as IPv4');
  const most = version === 4 ? 32 : 128;
  if (length === undefined) {
    list.addAddress(address, family);
    return;
  }
  if (!/^\d{1,3}$/.test(length) || Number(length) > most) throw fail(`a prefix has 0 to ${most} bits`);
  const bits = Number(length);
  if (!endsWithZeros(address, version, most - bits)) throw fail(`it has bits set behind the first ${bits}`);
  list.addSubnet(address, bits, family);
}

/** Whether the last `count` bits of an address are zeros. */
function endsWithZeros(address: string, version: number, count: number): boolean {
  const value = version === 4 ? ipv4Value(address) : ipv6Value(address);
  return (value & ((1n << BigInt(count)) - 1n)) === 0n;
}

function ipv4Value(address: string): bigint {
  return address.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function ipv6Value(address: string): bigint {
  // The URL parser writes an embedded IPv4 address as two groups.
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const after = groups(tail);
  const before = groups(head);
  const between = new Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...between, ...after].reduce(
    (value, group) => (value << 16n) | BigInt(`0x${group}`),
    0n,
  );
}
