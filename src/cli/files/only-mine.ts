/** Only mine: files and folders into which nobody else can put anything. */
import { lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Problem } from '../../core/errors.js';
import { openRegular, readFrom } from '../../journal/regular-file.js';
import { shownWords } from '../terminal/shell-word.js';

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

/**
 * Throws a Problem if somebody else could put something in the place of a file that this program changes, or of the lock
 * beside it: take the file away, and nobody would be told. That there is no folder yet is well.
 */
export function mustBeMyPlace(path: string): void {
  const folder = dirname(path);
  try {
    if (lstatSync(folder, { throwIfNoEntry: false })) mustBeMyFolder(folder);
    mustBeMyFile(`${path}.lock`);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw refused(folder, `cannot be looked at (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** The beginning of a file in such a place, up to `limit` octets. Rejects as `openRegular`, or with a Problem as above. */
export async function readMine(path: string, limit: number): Promise<Uint8Array> {
  mustBeMyPlace(path);
  const file = await openRegular(path);
  try {
    const stats = await file.stat();
    mustBeMine(path, stats, 'file');
    // A limit may be large, and the file small.
    const length = Math.min(limit, stats.size);
    return await readFrom(file, Buffer.allocUnsafeSlow(length), 0, length);
  } finally {
    await file.close();
  }
}

/** The same for what is open already. */
export function mustBeMine(
  path: string,
  stats: { uid: number; mode: number },
  what: 'file' | 'folder',
): void {
  if (!isMine(stats.uid)) throw refused(path, `it belongs to another user; name another ${what}`);
  if ((stats.mode & 0o022) !== 0) throw othersWrite(path);
}

/**
 * Throws a Problem if somebody else could say what stands in an open file: it must be the user's own or root's, and others
 * must not be able to write to it, or to put another in its place.
 */
export function mustBeTrusted(path: string, { uid, mode }: { uid: number; mode: number }): void {
  if (uid !== 0 && !isMine(uid))
    throw refused(
      path,
      `it belongs to another user (${uid}), who could change what it says; make it your own, or root's`,
    );
  if ((mode & 0o022) !== 0) throw othersWrite(path);
  const folder = dirname(path);
  const around = statSync(folder);
  if ((around.mode & 0o022) !== 0 && (around.mode & 0o1000) === 0) throw othersWrite(folder);
}

/** Where there are no users, all is mine. */
function isMine(uid: number): boolean {
  const me = process.geteuid?.();
  return me === undefined || uid === me;
}

function othersWrite(path: string): Problem {
  return refused(path, `others can write to it; mend it with: ${shownWords('chmod', 'go-w', path)}`);
}

function refused(path: string, why: string): Problem {
  return new Problem('failure', `${path}: ${why}`);
}
