/** Address limits: how much mail an address may get in an hour and in a day, counted in memory and never written. */
import { ascii, hex } from '../core/bytes.js';
import { blake2b } from '../seal/blake2b.js';
import type { Random } from '../seal/channel.js';

/** spec/smtp.md, Limits of addresses. 0: none. */
export interface AddressLimits {
  readonly addressMailsPerHour: number;
  readonly addressMailsPerDay: number;
  readonly addressOctetsPerHour: number;
  readonly addressOctetsPerDay: number;
}

export const defaultAddressLimits: AddressLimits = {
  addressMailsPerHour: 0,
  addressMailsPerDay: 0,
  addressOctetsPerHour: 0,
  addressOctetsPerDay: 0,
};

/** What sums of fractions may be off by. */
const rounding = 1e-9;
const hour = 3_600_000;
const day = 24 * hour;

/** What each limit counts, and over how many milliseconds. */
const kinds = [
  { name: 'addressMailsPerHour', isOctets: false, window: hour },
  { name: 'addressMailsPerDay', isOctets: false, window: day },
  { name: 'addressOctetsPerHour', isOctets: true, window: hour },
  { name: 'addressOctetsPerDay', isOctets: true, window: day },
] as const;

/** Addresses remembered at most; then the one that has had no mail for longest is forgotten. */
const mostAddresses = 50_000;

export interface AddressCountsOptions {
  /** Limits of an address; asked each time, so that another limit holds at once. */
  readonly limitsOf: (address: string) => AddressLimits;
  readonly random: Random;
  /** Milliseconds by a clock that only goes forward. */
  readonly now: () => number;
  readonly mostAddresses?: number;
}

/**
 * A leaky bucket for each address and limit: the time at which it will be empty (as in src/net/pace.ts). Addresses stand
 * under a digest whose key is this process's own. One whose buckets are empty is forgotten when other mail is counted.
 */
export class AddressCounts {
  readonly #options: AddressCountsOptions;
  readonly #most: number;
  readonly #key: Uint8Array;
  /** Digest → when each bucket is empty, in the order of `kinds`; the one counted last stands last. */
  readonly #empty = new Map<string, readonly number[]>();

  constructor(options: AddressCountsOptions) {
    this.#options = options;
    this.#most = options.mostAddresses ?? mostAddresses;
    this.#key = options.random(32);
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#empty.size;
  }

  /** Whether one more mail is within all limits of the address: octets count only once they came. */
  allows(address: string): boolean {
    const { limitsOf, now } = this.#options;
    if (this.#empty.size === 0) return true;
    const empty = this.#empty.get(this.#digest(address));
    if (!empty) return true;
    const limits = limitsOf(address);
    return kinds.every(({ name, isOctets, window }, at) => {
      const limit = limits[name];
      if (limit === 0) return true;
      const held = ((empty[at] as number) - now()) / window;
      return isOctets ? held < 1 : held <= 1 - 1 / limit + rounding;
    });
  }

  /** An address got a mail of so many octets. One mail counts for no more than a whole limit. */
  count(address: string, octets: number): void {
    const { limitsOf, now } = this.#options;
    const limits = limitsOf(address);
    if (kinds.every(({ name }) => limits[name] === 0)) return;
    const digest = this.#digest(address);
    const old = this.#empty.get(digest);
    const time = now();
    // Deleted first, so that the map is in the order of the last mail.
    this.#empty.delete(digest);
    this.#empty.set(
      digest,
      kinds.map(({ name, isOctets, window }, at) => {
        const limit = limits[name];
        const empty = Math.max(old?.[at] ?? time, time);
        if (limit === 0) return time;
        const added = (window * Math.min(isOctets ? octets : 1, limit)) / limit;
        return Math.min(empty + added, time + 2 * window);
      }),
    );
    this.#forget(time);
  }

  /** Those of the oldest that have nothing to say any more, and one if there are too many. */
  #forget(time: number): void {
    for (const [digest, empty] of this.#empty) {
      const isEmpty = empty.every((when) => when <= time);
      if (!isEmpty && this.#empty.size <= this.#most) return;
      this.#empty.delete(digest);
    }
  }

  #digest(address: string): string {
    return hex(blake2b(this.#key, 'obalka address limit', ascii(address), 16));
  }
}
