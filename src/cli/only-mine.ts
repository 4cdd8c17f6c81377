/** Only mine: files and folders into which nobody else can put anything. */
import { lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Problem } from '../core/errors.js';
import { shownWords } from './shell-word.js';

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
