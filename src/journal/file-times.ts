/** File times: set back to a constant soon after each burst of writes, so that they do not tell when mail came. */
import type { AppendFile } from './disk.js';
import { constantTime } from './names.js';

/** Setting times at every write would cost more than the write; so long after the first of a burst it is soon enough. */
const delayMilliseconds = 200;

export class FileTimes {
  readonly #files: readonly AppendFile[];
  #timer: NodeJS.Timeout | undefined;

  constructor(files: readonly AppendFile[]) {
    this.#files = files;
  }

  /** Something was written. */
  touch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#set();
    }, delayMilliseconds);
  }

  /** Sets the times for good. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#set();
  }

  /** A time that cannot be set costs privacy a little, and mail nothing: it is tried again after the next write. */
  async #set(): Promise<void> {
    await Promise.allSettled(this.#files.map((file) => file.setTime(constantTime)));
  }
}
