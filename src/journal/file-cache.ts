/** File cache: files open for reading, never more than a few of them, however many segments there are. */
import { open } from 'node:fs/promises';

const maxOpen = 32;

/** What is asked of an open file. A read may give fewer octets than there are; none means the end. */
export interface ReadableFile {
  read(
    into: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
  stat(): Promise<{ readonly size: number }>;
  close(): Promise<void>;
}

export type OpenFile = (path: string) => Promise<ReadableFile>;

export class FileCache {
  /** In order of last use. */
  readonly #open = new Map<string, { handle: Promise<ReadableFile>; users: number }>();

  constructor(readonly openFile: OpenFile = (path) => open(path, 'r')) {}

  /** Reads up to `length` octets, into the beginning of `into` if it is given; fewer only at the end of the file. */
  read(path: string, offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    return this.#use(path, async (handle) => {
      const bytes = into ?? Buffer.allocUnsafeSlow(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return bytes.subarray(0, done);
    });
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
