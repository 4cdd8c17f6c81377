/** Unix sockets in the file system: one left behind is removed, and a new one gets its owner and its mode. */
import { chmod, chown, lstat, unlink } from 'node:fs/promises';
import { Problem } from '../core/errors.js';
import { answersAt } from '../net/unix-socket.js';
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
export function resolveAccess({ mode, owner, group }: SocketAccess): {
  mode: number;
  uid: number;
  gid: number;
} {
  return {
    mode: mode ?? usualMode,
    uid: owner === undefined ? -1 : findUser(owner),
    gid: group === undefined ? -1 : findGroup(group),
  };
}

/** Sets who may connect. Throws a Problem. */
export async function allowAccess(
  path: string,
  access: { mode: number; uid: number; gid: number },
): Promise<void> {
  try {
    if (access.uid >= 0 || access.gid >= 0) await chown(path, access.uid, access.gid);
    await chmod(path, access.mode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Problem(
      'failure',
      `${path}: owner or mode cannot be set (${code}); start the server as root, with --user`,
    );
  }
}
