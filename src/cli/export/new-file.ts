/** New files: written under another name, synced, and then put in their place whole. Nothing that is there is written over. */
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open, rename, unlink } from 'node:fs/promises';
import { Problem } from '../../core/errors.js';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/** Octets of pieces that are written at once. */
const gather = 1 << 20;

/** A file that has no place yet. */
export class NewFile {
  #pieces: Uint8Array[] = [];
  #waiting = 0;

  private constructor(
    readonly path: string,
    readonly file: FileHandle,
  ) {}

  /** `path`: the other name; what an export that was cut off left there goes. */
  static async begin(path: string): Promise<NewFile> {
    await unlink(path).catch(passOver('ENOENT'));
    return new NewFile(path, await open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600));
  }

  /** Takes a piece over. */
  async write(piece: Uint8Array): Promise<void> {
    this.#pieces.push(piece);
    this.#waiting += piece.length;
    if (this.#waiting >= gather) await this.flush();
  }

  /** Makes durable what was written. */
  async sync(): Promise<void> {
    await this.flush();
    await this.file.sync();
  }

  /** Gives it its name, if it was synced. False if there is something of that name. */
  async place(path: string, time?: Date): Promise<boolean> {
    if (time) await this.file.utimes(time, time);
    await this.file.close();
    const isPlaced = await putInPlace(this.path, path);
    if (!isPlaced) await unlink(this.path);
    return isPlaced;
  }

  async discard(): Promise<void> {
    await this.file.close().catch(() => undefined);
    await unlink(this.path).catch(passOver('ENOENT'));
  }

  /** Hands to the system what was taken over. */
  async flush(): Promise<void> {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#waiting = 0;
    await writeAll(this.file, pieces);
  }
}

/** Writes all of it at the present position: a write may take less than it was given. */
export async function writeAll(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
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

/** Moves a file to a name that is free; false if it is not. */
export async function putInPlace(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    await unlink(from);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // Not every file system has a second name for a file.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
  }
  if (await isThere(to)) return false;
  await rename(from, to);
  return true;
}

/** Whether something has this name, a link that leads nowhere too. */
export function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw new Problem('failure', `${path}: cannot be looked at (${error.code})`);
    },
  );
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** For catch(): an error with one of these codes is none. */
export function passOver(...codes: readonly string[]): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (!codes.includes(error.code ?? '')) throw error;
  };
}
