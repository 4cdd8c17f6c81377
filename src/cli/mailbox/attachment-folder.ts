/** Attachment folder: where attachments become files. Nothing that is there is written over, and no link is followed. */
import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../core/errors.js';
import { numberedName } from '../../reader/safe-name.js';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
/** Names that are tried for one file. */
const mostTries = 100_000;

export class AttachmentFolder {
  /** Name in lower case, as some file systems see it → the number to go on with: thousands may have one name. */
  readonly #next = new Map<string, number>();

  constructor(readonly path: string) {}

  /** Writes a new file and gives its path; a name that is taken gets a number. */
  async save(name: string, content: Uint8Array): Promise<string> {
    const { path, file } = await this.#make(name);
    try {
      await file.writeFile(content);
      await file.close();
      return path;
    } catch (error) {
      await file.close().catch(() => undefined);
      await unlink(path);
      throw error;
    }
  }

  async #make(name: string): Promise<{ path: string; file: FileHandle }> {
    const plain = join(this.path, name);
    const first = await makeNew(plain);
    if (first) return { path: plain, file: first };
    const folded = name.toLowerCase();
    const from = this.#next.get(folded) ?? 2;
    for (let number = from; number < from + mostTries; number++) {
      const path = join(this.path, numberedName(name, number));
      const file = await makeNew(path);
      if (!file) continue;
      this.#next.set(folded, number + 1);
      return { path, file };
    }
    throw new Problem(
      'failure',
      `${plain}: there are too many files of this name; name another folder with --to`,
    );
  }
}

/** Undefined if something has the name, whatever it is. */
async function makeNew(path: string): Promise<FileHandle | undefined> {
  return open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return undefined;
    throw error;
  });
}
