/** Gathered file: pieces are put together for the system, and written while the next ones are made. */
import type { FileHandle } from 'node:fs/promises';

/** Octets of pieces that are written at once. */
const gather = 1 << 20;

export class GatheredFile {
  #pieces: Uint8Array[] = [];
  #waiting = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(readonly file: FileHandle) {}

  /** Takes a piece over. A promise asks to wait. */
  write(piece: Uint8Array): Promise<void> | undefined {
    this.#pieces.push(piece);
    this.#waiting += piece.length;
    return this.#waiting < gather ? undefined : this.#begin();
  }

  /** Resolves when the system has all of it. */
  async flush(): Promise<void> {
    await this.#begin();
    await this.#writing;
  }

  /** Forgets what the system was not given, when it has taken the rest. */
  async drop(): Promise<void> {
    this.#pieces = [];
    this.#waiting = 0;
    await this.#writing.catch(() => undefined);
  }

  async #begin(): Promise<void> {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#waiting = 0;
    await this.#writing;
    this.#writing = writeAll(this.file, pieces);
    // Whoever awaits it meets the error; until then nobody may.
    this.#writing.catch(() => undefined);
  }
}

/** Writes all of it at the present position: a write may take less than it was given. */
async function writeAll(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  let left = pieces.filter((piece) => piece.length > 0);
  while (left.length > 0) {
    let { bytesWritten } = await file.writev(left);
    let whole = 0;
    for (const { length } of left) {
      if (length > bytesWritten) break;
      bytesWritten -= length;
      whole++;
    }
    left = left.slice(whole);
    if (bytesWritten > 0) left = [(left[0] as Uint8Array).subarray(bytesWritten), ...left.slice(1)];
  }
}
