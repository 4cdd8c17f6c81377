/** Files that mail is brought in from: read piece by piece, and no link, pipe or device in the place of one. */
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { Problem } from '../../core/errors.js';

const pieceSize = 256 * 1024;
const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** A file that was opened to be read. */
export interface OpenedFile {
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  readonly size: number;
  readonly octets: AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
}

/**
 * `isNamed`: the person named it, and it may be reached through a link. What only stands in a folder may not: its owner could
 * have a link there to what only the person can read. `shown`: how messages name it. Throws a Problem.
 */
export async function openFile(path: string, isNamed: boolean, shown = path): Promise<OpenedFile> {
  const flags = O_RDONLY | O_NONBLOCK | (isNamed ? 0 : O_NOFOLLOW);
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    const fault = error.code === 'ELOOP' ? 'it is a link' : error.code;
    throw new Problem(error.code === 'ENOENT' ? 'missing' : 'failure', `${shown}: cannot be read (${fault})`);
  });
  const stats = await file.stat();
  if (!stats.isFile()) {
    await file.close();
    throw new Problem('failure', `${shown}: this is no file; name one, or a folder of them`);
  }
  return {
    modifiedAt: Math.round(stats.mtimeMs),
    size: stats.size,
    octets: pieces(file, shown),
    close: () => file.close(),
  };
}

async function* pieces(file: FileHandle, path: string): AsyncGenerator<Uint8Array> {
  for (;;) {
    const room = Buffer.allocUnsafe(pieceSize);
    const { bytesRead } = await file.read(room, 0, pieceSize, null).catch((error: NodeJS.ErrnoException) => {
      throw new Problem('failure', `${path}: cannot be read (${error.code})`);
    });
    if (bytesRead === 0) return;
    yield room.subarray(0, bytesRead);
  }
}

/** Names in a folder, in order. Throws a Problem. */
export async function namesIn(path: string): Promise<string[]> {
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    throw new Problem(
      error.code === 'ENOENT' ? 'missing' : 'failure',
      `${path}: cannot be read (${error.code})`,
    );
  });
  return names.sort();
}

export async function isFolder(path: string): Promise<boolean> {
  return (await look(path)).isDirectory();
}

/** The number of the user whom a file or a folder belongs to. */
export async function ownerOf(path: string): Promise<number> {
  return (await look(path)).uid;
}

function look(path: string) {
  return stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new Problem(
      error.code === 'ENOENT' ? 'missing' : 'failure',
      `${path}: cannot be read (${error.code})`,
    );
  });
}
