/** New files: written under another name, synced, and then put in their place whole. Nothing that is there is written over. */
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open, rename, unlink } from 'node:fs/promises';
import { Problem } from '../../core/errors.js';
import { GatheredFile } from './gathered-file.js';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/** A file that has no place yet. */
export class NewFile {
  readonly #gathered: GatheredFile;

  private constructor(
    readonly path: string,
    readonly file: FileHandle,
  ) {
    this.#gathered = new GatheredFile(file);
  }

  /** `path`: the other name; what an export that was cut off left there goes. */
  static async begin(path: string): Promise<NewFile> {
    await unlink(path).catch(passOver('ENOENT'));
    return new NewFile(path, await open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600));
  }

  /** Takes a piece over. */
  write(piece: Uint8Array): Promise<void> | undefined {
    return this.#gathered.write(piece);
  }

  /** Resolves when the system has all of it. */
  flush(): Promise<void> {
    return this.#gathered.flush();
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
    await this.#gathered.drop();
    await this.file.close().catch(() => undefined);
    await unlink(this.path).catch(passOver('ENOENT'));
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

/** For catch(): an error with one of these codes is none. */
export function passOver(...codes: readonly string[]): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (!codes.includes(error.code ?? '')) throw error;
  };
}
