/** Claim file: `synced`, written over after each sync. It may lag behind; it is never ahead. */
import { type Counts, encodeClaim } from '../format/claim.js';
import type { SegmentPlace } from '../format/place.js';
import type { AppendFile } from './disk.js';

export class ClaimFile {
  readonly #file: AppendFile;
  readonly #at: SegmentPlace;
  readonly #onWrite: () => void;
  #next: Counts | undefined;
  #writing: Promise<void> | undefined;

  constructor(file: AppendFile, at: SegmentPlace, onWrite: () => void) {
    this.#file = file;
    this.#at = at;
    this.#onWrite = onWrite;
  }

  /** Claims what has been synced. Nobody waits for it: a mail above the claim counts as long as all its blocks stand. */
  write(counts: Counts): void {
    this.#next = counts;
    this.#writing ??= this.#writeAll();
  }

  /** Waits for the newest claim to be written, then closes the file. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#file.close();
  }

  async written(): Promise<void> {
    await this.#writing;
  }

  /** One write at a time, always of the newest counts. A claim that cannot be written stays behind, which is safe. */
  async #writeAll(): Promise<void> {
    while (this.#next) {
      const bytes = encodeClaim(this.#next, this.#at);
      this.#next = undefined;
      await this.#file.write(0, [bytes]).catch(() => undefined);
      this.#onWrite();
    }
    this.#writing = undefined;
  }
}
