/** Checkpointer: soon after what it covers was synced, a segment's newest checkpoint is signed and written. */
import type { Counts } from '../format/claim.js';
import { type SegmentPlace, streams } from '../format/place.js';
import { keepCheckpoint, type NamedCheckpoint, writeCheckpoint } from './checkpoint-file.js';
import type { Disk } from './disk.js';
import type { SegmentTrees } from './segment-trees.js';
import type { LaneSigner } from './signers.js';

/** A signature takes some milliseconds: one a second costs less than half a percent of the processor. */
const delayMilliseconds = 1000;

export interface CheckpointerOptions {
  readonly disk: Disk;
  readonly folder: string;
  readonly place: SegmentPlace;
  readonly trees: SegmentTrees;
  readonly signer: LaneSigner;
  /** The final checkpoint of the segment before this one; undefined if it has none. */
  readonly previous: Promise<NamedCheckpoint | undefined>;
  /** What is known to be on disk at the moment it is asked. */
  readonly claim: () => Counts;
}

export class Checkpointer {
  readonly #options: CheckpointerOptions;
  #timer: NodeJS.Timeout | undefined;
  #written: Promise<unknown> = Promise.resolve();
  #covered: Counts | undefined;

  constructor(options: CheckpointerOptions) {
    this.#options = options;
  }

  /** Something was synced. */
  touch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // Also while the segment before is still being closed: leaves must not pile up.
      void this.#options.trees.hashUpTo(this.#options.claim());
      this.#written = this.#written.then(() => this.#write(false)).catch(() => undefined);
    }, delayMilliseconds);
  }

  /** Writes the last one. Resolves with the one that stands then; undefined if none will last. */
  async end(): Promise<NamedCheckpoint | undefined> {
    clearTimeout(this.#timer);
    await this.#written;
    const { disk, folder, place } = this.#options;
    // If it fails, the one before it may stand, or this one: the file itself tells.
    return this.#write(true).catch(() => keepCheckpoint(disk, folder, place.segment));
  }

  async #write(last: boolean): Promise<NamedCheckpoint | undefined> {
    const { disk, folder, place, trees, signer, claim } = this.#options;
    const counts = claim();
    const covered = this.#covered;
    if (!last && covered && streams.every((stream) => covered[stream] === counts[stream])) return undefined;
    await trees.hashUpTo(counts);
    const checkpoint = { ...place, trees: trees.heads(), previous: await this.#options.previous };
    const hash = await writeCheckpoint(disk, folder, checkpoint, signer);
    this.#covered = counts;
    return { segment: place.segment, hash };
  }
}
