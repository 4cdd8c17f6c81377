/** Networks: lists of addresses and prefixes that people write, and whether an address is in one. */
import { isIP } from 'node:net';
import { Problem } from '../core/errors.js';
import { ipv6Groups } from './ipv6.js';

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
  const [v4, v6] = [new Prefixes(32), new Prefixes(128)];
  for (const text of texts) add(v4, v6, text);
  return {
    has: (address) => {
      const plain = plainAddress(address);
      const version = isIP(plain);
      if (version === 0) return false;
      return version === 4 ? v4.has(ipv4Value(plain)) : v6.has(ipv6Value(plain));
    },
  };
}

/** Prefixes of one kind of address: a look-up for each length that there is, however long the list. */
class Prefixes {
  readonly #width: number;
  /** Bits behind the prefix → the prefixes. */
  readonly #behind = new Map<number, Set<bigint>>();

  constructor(width: number) {
    this.#width = width;
  }

  add(value: bigint, bits: number): void {
    const behind = this.#width - bits;
    const known = this.#behind.get(behind) ?? new Set();
    this.#behind.set(behind, known.add(value >> BigInt(behind)));
  }

  has(value: bigint): boolean {
    for (const [behind, prefixes] of this.#behind) if (prefixes.has(value >> BigInt(behind))) return true;
    return false;
  }
}

/** The address without a zone; one that is mapped into IPv6 (::ffff:192.0.2.7) as IPv4. */
export function plainAddress(address: string): string {
  if (!address.includes(':')) return address;
  const [bare = ''] = address.split('%');
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  if (dotted !== undefined) return dotted;
  // Other spellings of the same: ::ffff:c000:207, 0:0:0:0:0:ffff:192.0.2.7.
  if (!/ffff/i.test(bare) || isIP(bare) !== 6) return bare;
  const value = ipv6Value(bare);
  if (value >> 32n !== 0xffffn) return bare;
  return [24n, 16n, 8n, 0n].map((bits) => (value >> bits) & 0xffn).join('.');
}

function add(v4: Prefixes, v6: Prefixes, text: string): void {
  const fail = (fault: string) => new Problem('usage', `${JSON.stringify(text)} is not a network: ${fault}`);
  const [address = '', length, ...more] = text.trim().split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0 || address.includes('%'))
    throw fail('write an address or a prefix, as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32');
  if (version === 6 && plainAddress(address) !== address)
    throw fail('write addresses that are mapped into IPv6 as IPv4');
  const most = version === 4 ? 32 : 128;
  if (length !== undefined && (!/^\d{1,3}$/.test(length) || Number(length) > most))
    throw fail(`a prefix has 0 to ${most} bits`);
  const bits = length === undefined ? most : Number(length);
  const value = version === 4 ? ipv4Value(address) : ipv6Value(address);
  if ((value & ((1n << BigInt(most - bits)) - 1n)) !== 0n)
    throw fail(`it has bits set behind the first ${bits}`);
  (version === 4 ? v4 : v6).add(value, bits);
}

function ipv4Value(address: string): bigint {
  return BigInt(address.split('.').reduce((value, part) => 256 * value + Number(part), 0));
}

function ipv6Value(address: string): bigint {
  return ipv6Groups(address).reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}
