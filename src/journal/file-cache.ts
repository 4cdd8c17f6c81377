/** File cache: files open for reading, never more than a few of them, however many segments there are. */
import { type OpenFile, openRegular, type ReadableFile, readFrom } from './regular-file.js';

const maxOpen = 32;

export class FileCache {
  /** In order of last use. */
  readonly #open = new Map<string, { handle: Promise<ReadableFile>; users: number }>();

  constructor(readonly openFile: OpenFile = openRegular) {}

  /** Reads up to `length` octets, into the beginning of `into` if it is given; fewer only at the end of the file. */
  read(path: string, offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    return this.#use(path, (handle) =>
      readFrom(handle, into ?? Buffer.allocUnsafeSlow(length), offset, length),
    );
  }

  size(path: string): Promise<number> {
    return this.#use(path, async (handle) => (await handle.stat()).size);
  }

  async close(): Promise<void> {
    const entries = [...this.#open.values()];
    this.#open.clear();
    await Promise.allSettled(entries.map(async ({ handle }) => (await handle).close()));
  }

  async #use<T>(path: string, use: (handle: ReadableFile) => Promise<T>): Promise<T> {
    const entry = this.#open.get(path) ?? { handle: this.openFile(path), users: 0 };
    this.#open.delete(path);
    this.#open.set(path, entry);
    entry.users++;
    try {
      // A file that could not be opened is tried again next time.
      const handle = await entry.handle.catch((error: unknown) => {
        this.#open.delete(path);
        throw error;
      });
      return await use(handle);
    } finally {
      entry.users--;
      await this.#closeOldest();
    }
  }

  async #closeOldest(): Promise<void> {
    for (const [path, { handle, users }] of this.#open) {
      if (this.#open.size <= maxOpen) return;
      if (users > 0) continue;
      this.#open.delete(path);
      await handle.then((opened) => opened.close()).catch(() => undefined);
    }
  }
}
