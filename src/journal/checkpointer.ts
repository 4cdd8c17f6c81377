/** Checkpointer: soon after what it covers was synced, a segment's newest checkpoint is signed and written. */
import type { Counts } from '../format/claim.js';
import { type SegmentPlace, streams } from '../format/place.js';
import { type NamedCheckpoint, writeCheckpoint } from './checkpoint-file.js';
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
  #written: Promise<void> = Promise.resolve();
  #covered: Counts | undefined;
  #hash: Uint8Array | undefined;

  constructor(options: CheckpointerOptions) {
    this.#options = options;
  }

  /** Something was synced. */
  touch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#written = this.#written.then(() => this.#write(false)).catch(() => undefined);
    }, delayMilliseconds);
  }

  /** Writes the last one. Resolves with the newest that could be written; undefined if none could. */
  async end(): Promise<NamedCheckpoint | undefined> {
    clearTimeout(this.#timer);
    await this.#written;
    // The one before it stands then, and that is the final one.
    await this.#write(true).catch(() => undefined);
    return this.#hash && { segment: this.#options.place.segment, hash: this.#hash };
  }

  async #write(last: boolean): Promise<void> {
    const { disk, folder, place, trees, signer, claim } = this.#options;
    const counts = claim();
    const covered = this.#covered;
    if (!last && covered && streams.every((stream) => covered[stream] === counts[stream])) return;
    await trees.hashUpTo(counts);
    const checkpoint = { ...place, trees: trees.heads(), previous: await this.#options.previous };
    this.#hash = await writeCheckpoint(disk, folder, checkpoint, signer, last);
    this.#covered = counts;
  }
}
