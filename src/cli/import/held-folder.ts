/** Held folder: kept open, so that its files are read in it, whatever its owner puts in its place meanwhile. */
import { constants, existsSync } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../core/errors.js';
import { namesIn, type OpenedFile, openFile } from './files.js';

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;

export class HeldFolder {
  readonly #path: string;
  readonly #folder: FileHandle;
  /** The way to the open folder. Where the system has none, its path, which is looked at again each time. */
  readonly #way: string;

  private constructor(path: string, folder: FileHandle) {
    this.#path = path;
    this.#folder = folder;
    const way = `/proc/self/fd/${folder.fd}`;
    this.#way = existsSync(way) ? way : path;
  }

  /** Opens a folder of this user. Throws a Problem if it is a link, or belongs to somebody else. */
  static async open(path: string, owner: number): Promise<HeldFolder> {
    const folder = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW).catch(
      async (error: NodeJS.ErrnoException) => {
        const isLink = await lstat(path).then(
          (found) => found.isSymbolicLink(),
          () => false,
        );
        throw new Problem(
          error.code === 'ENOENT' ? 'missing' : 'failure',
          `${path}: cannot be read (${isLink ? 'it is a link' : error.code})`,
        );
      },
    );
    const { uid } = await folder.stat();
    if (uid === owner) return new HeldFolder(path, folder);
    await folder.close();
    throw new Problem(
      'failure',
      `${path}: belongs to user ${uid}, and the folder around it to user ${owner}; nothing is read there`,
    );
  }

  /** Names of the files, in order. */
  async names(): Promise<string[]> {
    const names = await namesIn(this.#way);
    await this.#mustBeThere();
    return names;
  }

  async openFile(name: string): Promise<OpenedFile> {
    const file = await openFile(join(this.#way, name), false, join(this.#path, name));
    await this.#mustBeThere().catch(async (error) => {
      await file.close();
      throw error;
    });
    return file;
  }

  close(): Promise<void> {
    return this.#folder.close();
  }

  async #mustBeThere(): Promise<void> {
    if (this.#way !== this.#path) return;
    const [held, found] = await Promise.all([this.#folder.stat(), lstat(this.#path)]);
    if (held.ino !== found.ino || held.dev !== found.dev)
      throw new Problem('failure', `${this.#path}: another folder was put in its place; begin again`);
  }
}
