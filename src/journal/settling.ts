/** Settling: soon after each burst of writes the claim is rewritten and the file times are set back to a constant. */
import { type Counts, encodeClaim } from '../format/claim.js';
import type { SegmentPlace } from '../format/place.js';
import type { AppendFile } from './disk.js';
import { timeOf } from './erased-time.js';
import { constantTime } from './names.js';

/**
 * Doing both at every commit would cost more than the commit's own writes. A claim that lags is safe: a mail above it
 * counts as long as all its blocks stand (spec/journal.md, Claim).
 */
const delayMilliseconds = 200;

export class Settling {
  readonly #at: SegmentPlace;
  readonly #claimFile: AppendFile;
  readonly #files: readonly AppendFile[];
  readonly #envelopes: AppendFile;
  readonly #claim: () => Counts;
  /** Envelopes of the segment that were erased. */
  #erased = 0;
  #timer: NodeJS.Timeout | undefined;
  #settled: Promise<void> = Promise.resolve();

  /** `claim` says what is known to be on disk at the moment it is asked. */
  constructor(
    at: SegmentPlace,
    claimFile: AppendFile,
    files: readonly AppendFile[],
    envelopes: AppendFile,
    claim: () => Counts,
  ) {
    this.#at = at;
    this.#claimFile = claimFile;
    this.#files = files;
    this.#envelopes = envelopes;
    this.#claim = claim;
  }

  /** Something was written or synced. */
  touch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#settled = this.#settled.then(() => this.#settle());
    }, delayMilliseconds);
  }

  /** Envelopes were erased. */
  erased(count: number): void {
    this.#erased += count;
    this.touch();
  }

  /** Settles for good. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#settled;
    await this.#settle();
  }

  /** A claim that cannot be written stays behind, a time that cannot be set tells when: neither costs mail. */
  async #settle(): Promise<void> {
    // Half a claim is none: it is written once more. It is never synced, so this hides no failure of anything.
    const write = () => this.#claimFile.write(0, [encodeClaim(this.#claim(), this.#at)]);
    await write().catch(() => write().catch(() => undefined));
    await Promise.allSettled([
      ...[...this.#files, this.#claimFile].map((file) => file.setTime(constantTime)),
      this.#envelopes.setTime(timeOf(this.#erased)),
    ]);
  }
}
