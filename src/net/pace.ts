/** Pace: how often each network may do something, remembered under a key that changes, in bounded memory. */
import { createHmac, randomBytes } from 'node:crypto';

export interface PaceSettings {
  /** Milliseconds that each time costs in the long run; 0: no bound. */
  readonly interval: number;
  /** Times that are free at once, after a long rest. */
  readonly burst: number;
}

/** Networks remembered at most; then the one that came first is forgotten. */
const mostNetworks = 50_000;
/** A digest cannot be followed longer than this. */
const keyMilliseconds = 3_600_000;

/**
 * A leaky bucket for each network: one number, the time at which it will be empty (the generic cell rate algorithm).
 * What is kept outlasts the connection, so it stands under a digest whose key is drawn anew every hour; a network then
 * begins with an empty bucket.
 */
export class Pace {
  readonly #interval: number;
  readonly #slack: number;
  /** Digest of a network → when its bucket is empty. */
  readonly #empty = new Map<string, number>();
  #key = randomBytes(32);
  #keyUntil = 0;

  constructor({ interval, burst }: PaceSettings) {
    this.#interval = interval;
    this.#slack = interval * Math.max(burst - 1, 0);
  }

  /** Milliseconds that a network would have to wait at `now`, by any clock that only goes forward, to do it once more. */
  wait(network: string, now: number): number {
    if (this.#interval === 0) return 0;
    const empty = this.#empty.get(this.#digest(network, now)) ?? now;
    return Math.max(empty - this.#slack - now, 0);
  }

  /** The network did it once more. */
  add(network: string, now: number): void {
    if (this.#interval === 0) return;
    const digest = this.#digest(network, now);
    this.#remember(digest, Math.max(this.#empty.get(digest) ?? now, now) + this.#interval);
  }

  #remember(digest: string, empty: number): void {
    // Deleted first, so that the map is in the order of the last time.
    this.#empty.delete(digest);
    this.#empty.set(digest, empty);
    if (this.#empty.size <= mostNetworks) return;
    for (const first of this.#empty.keys()) {
      this.#empty.delete(first);
      return;
    }
  }

  #digest(network: string, now: number): string {
    if (now >= this.#keyUntil) {
      this.#key = randomBytes(32);
      this.#keyUntil = now + keyMilliseconds;
      this.#empty.clear();
    }
    return createHmac('sha256', this.#key).update(network).digest('base64').slice(0, 16);
  }
}
