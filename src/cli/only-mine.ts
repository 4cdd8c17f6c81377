/** Only mine: files and folders into which nobody else can put anything. */
import { lstatSync, statSync } from 'node:fs';
import { Problem } from '../core/errors.js';

/**
 * Throws a Problem if the folder is another user's, or others may write into it. A symbolic link to it is followed only if
 * it is the user's own, or root's.
 */
export function mustBeMyFolder(path: string): void {
  const link = lstatSync(path);
  if (link.isSymbolicLink() && link.uid !== 0 && !isMine(link.uid))
    throw refused(path, 'it is a symbolic link of another user; name another folder');
  mustBeMine(path, statSync(path), 'folder');
}

/** Throws a Problem if the file is another user's, a symbolic link, or others may write to it. That there is none is well. */
export function mustBeMyFile(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return;
  if (stats.isSymbolicLink()) throw refused(path, 'it is a symbolic link, which is not followed; remove it');
  mustBeMine(path, stats, 'file');
}

/** The same for what is open already. */
export function mustBeMine(
  path: string,
  stats: { uid: number; mode: number },
  what: 'file' | 'folder',
): void {
  if (!isMine(stats.uid)) throw refused(path, `it belongs to another user; name another ${what}`);
  if ((stats.mode & 0o022) !== 0)
    throw refused(path, `others can write to it; mend it with: chmod go-w ${path}`);
}

/** Where there are no users, all is mine. */
function isMine(uid: number): boolean {
  const me = process.geteuid?.();
  return me === undefined || uid === me;
}

function refused(path: string, why: string): Problem {
  return new Problem('failure', `${path}: ${why}`);
}
