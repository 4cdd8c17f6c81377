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
  /** What another process had counted. */
  readonly had?: CountsSoFar | undefined;
}

/** What was counted, for another process whose clock may have begun elsewhere: times are milliseconds from now. */
export interface CountsSoFar {
  readonly key: Uint8Array;
  readonly had: readonly (readonly [digest: string, had: Had])[];
}

/** What an address has had: each bucket's level at a time, and the time at which all are empty. */
interface Had {
  readonly time: number;
  /** In mails or octets, in the order of `kinds`. */
  readonly levels: readonly number[];
  readonly emptyAt: number;
}

/**
 * Leaky buckets, one for each address and limit: a mail fills them, and each loses its whole limit in its hour or day.
 * Addresses stand under a digest whose key is this process's own. One whose buckets are empty is forgotten when other
 * mail is counted.
 */
export class AddressCounts {
  readonly #options: AddressCountsOptions;
  readonly #most: number;
  readonly #key: Uint8Array;
  /** Digest → what it had; the one that was counted last stands last. */
  readonly #had = new Map<string, Had>();

  constructor(options: AddressCountsOptions) {
    this.#options = options;
    this.#most = options.mostAddresses ?? mostAddresses;
    this.#key = options.had?.key ?? options.random(32);
    const now = options.now();
    for (const [digest, had] of options.had?.had ?? []) this.#had.set(digest, shifted(had, now));
  }

  /** All that was counted, for a process that begins now. */
  soFar(): CountsSoFar {
    const now = this.#options.now();
    return { key: this.#key, had: [...this.#had].map(([digest, had]) => [digest, shifted(had, -now)]) };
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#had.size;
  }

  /**
   * Whether one more mail is within all limits of the address, besides `underWay` that are not counted yet. Octets count
   * only once they came.
   */
  allows(address: string, underWay = 0): boolean {
    if (this.#had.size === 0 && underWay === 0) return true;
    const had = this.#had.get(this.#digest(address));
    if (!had && underWay === 0) return true;
    const limits = this.#options.limitsOf(address);
    const levels = this.#levels(had, limits);
    return kinds.every(({ name, isOctets }, at) => {
      const level = levels[at] as number;
      if (limits[name] === 0) return true;
      return isOctets ? level < limits[name] : level + underWay + 1 <= limits[name] + rounding;
    });
  }

  /** An address got so many mails, of so many octets each. What comes at once counts for no more than a whole limit. */
  count(address: string, octets: number, mails = 1): void {
    const limits = this.#options.limitsOf(address);
    if (kinds.every(({ name }) => limits[name] === 0)) return;
    const digest = this.#digest(address);
    const before = this.#levels(this.#had.get(digest), limits);
    const levels = kinds.map(({ name, isOctets }, at) => {
      const limit = limits[name];
      // Never above two limits: mails that were under way side by side close nothing for longer than one does.
      return Math.min((before[at] as number) + Math.min(isOctets ? octets * mails : mails, limit), 2 * limit);
    });
    const time = this.#options.now();
    const left = kinds.map(({ name, window }, at) =>
      limits[name] === 0 ? 0 : (window * (levels[at] as number)) / limits[name],
    );
    // Deleted first, so that the map is in the order of the last mail.
    this.#had.delete(digest);
    this.#had.set(digest, { time, levels, emptyAt: time + Math.max(...left) });
    this.#forget(time);
  }

  /** What the buckets hold now. */
  #levels(had: Had | undefined, limits: AddressLimits): number[] {
    const passed = this.#options.now() - (had?.time ?? 0);
    return kinds.map(({ name, window }, at) => {
      const limit = limits[name];
      return Math.max(Math.min(had?.levels[at] ?? 0, 2 * limit) - (passed * limit) / window, 0);
    });
  }

  /** Those of the oldest that have nothing to say any more, and one if there are too many. */
  #forget(time: number): void {
    for (const [digest, { emptyAt }] of this.#had) {
      if (emptyAt > time && this.#had.size <= this.#most) return;
      this.#had.delete(digest);
    }
  }

  #digest(address: string): string {
    return hex(blake2b(this.#key, 'obalka address limit', ascii(address), 16));
  }
}

function shifted({ time, levels, emptyAt }: Had, by: number): Had {
  return { time: time + by, levels, emptyAt: emptyAt + by };
}
