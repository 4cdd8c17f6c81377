/** Folders that an export writes to: made for their owner alone, and none that leads elsewhere or belongs to somebody else. */
import { lstat } from 'node:fs/promises';
import { Problem } from '../../core/errors.js';
import { makeFolders } from '../files/make-folders.js';

/** Makes a folder (0700) if there is none. Throws a Problem if something else has the name. */
export async function ownFolder(path: string): Promise<void> {
  const found = await look(path);
  if (found === undefined) {
    await makeFolders(path).catch((error: NodeJS.ErrnoException) => {
      throw new Problem('failure', `${path}: cannot be made (${error.code}); choose another --to PATH`);
    });
    return;
  }
  if (found.isSymbolicLink())
    throw new Problem('failure', `${path}: this is a link; name the folder that it leads to`);
  if (!found.isDirectory())
    throw new Problem('failure', `${path}: this is no folder; choose another --to PATH`);
  const me = process.geteuid?.();
  if (me !== undefined && found.uid !== me)
    throw new Problem(
      'failure',
      `${path}: this folder belongs to user ${found.uid}; choose another --to PATH`,
    );
}

/** What has a name, links not followed; undefined if nothing has. */
export function look(path: string) {
  return lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Problem('failure', `${path}: cannot be looked at (${error.code}); choose another --to PATH`);
  });
}
