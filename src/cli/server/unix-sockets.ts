/** Unix sockets in the file system: one left behind is removed, and a new one gets its owner and its mode. */
import { lchown, lstat, realpath, unlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Problem } from '../../core/errors.js';
import { answersAt } from '../../net/unix-socket.js';
import { findGroup, findUser } from './accounts.js';
import type { SocketAccess } from './listen-words.js';

/** Only the owner, unless `--listen` says more. */
const usualMode = 0o600;

/** Removes the socket of a server that was killed. Throws a Problem if one answers there, or if it is no socket. */
export async function clearSocketPath(path: string): Promise<void> {
  const there = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Problem('failure', `cannot listen on ${path}: it cannot be looked at (${error.code})`);
  });
  if (there === undefined) return;
  if (!there.isSocket())
    throw new Problem(
      'failure',
      `cannot listen on ${path}: a file that is no socket exists there; choose another path`,
    );
  if (await answersAt(path))
    throw new Problem(
      'failure',
      `cannot listen on ${path}: another program listens there; stop it, or choose another path`,
    );
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    throw new Problem(
      'failure',
      `cannot listen on ${path}: a socket was left there and cannot be removed (${error.code})`,
    );
  });
}

/** Numbers instead of names, so that a wrong name is found before anything is bound. Throws a Problem. */
export function resolveAccess({ mode, owner, group }: SocketAccess): ResolvedAccess {
  return {
    mode: mode ?? usualMode,
    uid: owner === undefined ? -1 : findUser(owner),
    gid: group === undefined ? -1 : findGroup(group),
  };
}

/** What `resolveAccess` gives: -1 for a user or a group that stays what it is. */
export interface ResolvedAccess {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Binds a socket that has its mode from the first moment on, so that nothing is changed by its name later. The umask is
 * that of the whole process meanwhile. Throws a Problem if the file system lets more people in.
 */
export async function bindWithMode<L extends { close(): Promise<void> }>(
  path: string,
  mode: number,
  bind: () => Promise<L>,
): Promise<L> {
  const before = process.umask(0o777 & ~mode);
  const bound = await bind().finally(() => process.umask(before));
  const found = await lstat(path).catch(() => undefined);
  if (found && (found.mode & 0o777 & ~mode) === 0) return bound;
  await bound.close();
  throw new Problem('failure', `${path}: its mode cannot be set in this folder; choose another path`);
}

/** Gives a socket to whom it is said to belong; a link in its place is not followed. Throws a Problem. */
export async function allowAccess(path: string, { uid, gid }: ResolvedAccess): Promise<void> {
  if (uid < 0 && gid < 0) return;
  await lchown(path, uid, gid).catch((error: NodeJS.ErrnoException) => {
    throw new Problem(
      'failure',
      `${path}: owner or group cannot be set (${error.code}); start the server as root, with --user`,
    );
  });
}

/**
 * Throws a Problem if root would bind where another user can put something in the place of the socket: its folder must
 * be root's, and nobody else may write to it; so must those above it, but that there the sticky bit is enough.
 */
export async function mustBeRootsFolder(path: string): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  const folder = dirname(resolve(path));
  const real = await realpath(folder).catch(() => undefined);
  // That there is none is said when it is bound.
  if (real === undefined) return;
  for (const one of new Set([...upFrom(real), ...upFrom(folder)])) {
    const stats = await lstat(one);
    const isOpen = (stats.mode & 0o022) !== 0 && (one === real || (stats.mode & 0o1000) === 0);
    const why =
      stats.uid !== 0
        ? `belongs to user ${stats.uid}`
        : isOpen && !stats.isSymbolicLink()
          ? 'can be written to by others'
          : undefined;
    if (why !== undefined)
      throw new Problem(
        'failure',
        `cannot listen on ${path}: ${one} ${why}, who could mislead root; choose a path in a folder of root's alone`,
      );
  }
}

/** A folder, and all above it. */
function upFrom(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...upFrom(above)];
}
