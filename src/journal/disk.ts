/** Disk: the one seam between the journal and the file system. Its test twin fails, writes half, or forgets. */

import * as fs from 'node:fs';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, utimes } from 'node:fs/promises';
import { readFrom } from './regular-file.js';

/** A file that only grows, by writes at its end; only the claim, and envelopes that are erased, are written over in place. */
export interface AppendFile {
  /** Writes all bytes at an offset, or rejects. After a rejection the file's content from there on is unknown. */
  write(offset: number, pieces: readonly Uint8Array[]): Promise<void>;
  /** Makes durable what was written before the call. After a rejection nothing is known of any earlier write. */
  sync(): Promise<void>;
  /** Sets modification and access time, in seconds since 1970, so that they say nothing. */
  setTime(seconds: number): Promise<void>;
  size(): Promise<number>;
  /** Modification time, in seconds since 1970. */
  time(): Promise<number>;
  /** Up to `length` octets from an offset; fewer only at the file's end. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Everything that the writer of a lane does to a file system. */
export interface Disk {
  /** Makes a new file, 0600; rejects if it is there. */
  create(path: string): Promise<AppendFile>;
  /** Opens a file that is there, for sync, size and reading. */
  open(path: string): Promise<AppendFile>;
  /** The whole of a small file, or its first `length` octets. */
  read(path: string, length?: number): Promise<Uint8Array>;
  /** Names in a folder. */
  list(path: string): Promise<string[]>;
  /** Makes a folder, 0700; rejects if it is there. */
  makeFolder(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes what was left unfinished by a process that died, and the list of what was erased: never anything with cells. */
  removeUnfinished(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
  setFolderTime(path: string, seconds: number): Promise<void>;
}

class NodeAppendFile implements AppendFile {
  constructor(readonly handle: FileHandle) {}

  write(offset: number, pieces: readonly Uint8Array[]): Promise<void> {
    // Callbacks, not the handle's promises: one write is one trip to the thread pool and no garbage besides.
    return new Promise((resolve, reject) => {
      const next = (at: number, rest: readonly Uint8Array[]) =>
        fs.writev(this.handle.fd, rest, at, (error, written) => {
          if (error) return reject(error);
          const left = dropBytes(rest, written);
          if (left.length === 0) return resolve();
          if (written === 0) return reject(new Error('the disk takes no more bytes'));
          // This runs in a callback: what it threw would be nobody's.
          try {
            next(at + written, left);
          } catch (thrown) {
            reject(thrown);
          }
        });
      next(offset, pieces);
    });
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.fdatasync(this.handle.fd, (error) => (error ? reject(error) : resolve()));
    });
  }

  setTime(seconds: number): Promise<void> {
    return this.handle.utimes(seconds, seconds);
  }

  async size(): Promise<number> {
    return (await this.handle.stat()).size;
  }

  async time(): Promise<number> {
    return (await this.handle.stat()).mtimeMs / 1000;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    return readFrom(this.handle, Buffer.allocUnsafeSlow(length), offset, length);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** What is left of the pieces after their first `count` bytes. */
export function dropBytes(pieces: readonly Uint8Array[], count: number): Uint8Array[] {
  let drop = count;
  const left: Uint8Array[] = [];
  for (const piece of pieces) {
    if (drop >= piece.length) drop -= piece.length;
    else {
      left.push(drop > 0 ? piece.subarray(drop) : piece);
      drop = 0;
    }
  }
  return left;
}

/** The real disk. */
export const nodeDisk: Disk = {
  async create(path) {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
    return new NodeAppendFile(await open(path, flags, 0o600));
  },
  async open(path) {
    return new NodeAppendFile(await open(path, 'r+'));
  },
  async read(path, length) {
    if (length === undefined) return readFile(path);
    const handle = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  },
  list: (path) => readdir(path),
  makeFolder: (path) => mkdir(path, { mode: 0o700 }),
  rename,
  removeUnfinished: (path) => rm(path, { recursive: true, force: true }),
  async syncFolder(path) {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  setFolderTime: (path, seconds) => utimes(path, seconds, seconds),
};
