/** Listeners opened for a server: bound while it still has the rights to, each unix socket with its owner and its mode. */
import type { ListenAddress } from '../../net/listener.js';
import type { ListenWord } from './listen-words.js';
import {
  allowAccess,
  bindWithMode,
  clearSocketPath,
  mustBeRootsFolder,
  resolveAccess,
} from './unix-sockets.js';

/**
 * Binds all by `bind`, or throws a Problem and leaves none. Nobody is served before the server takes them over.
 */
export async function openListeners<L extends { close(): Promise<void> }>(
  words: readonly ListenWord[],
  bind: (address: ListenAddress) => Promise<L>,
): Promise<readonly L[]> {
  const accesses = words.map(({ access }) => resolveAccess(access));
  // What is made from here on is nobody else's until it is said to be.
  process.umask(0o077);
  const opened: L[] = [];
  try {
    for (const [index, { address }] of words.entries()) {
      const access = accesses[index];
      if (!('path' in address) || access === undefined) {
        opened.push(await bind(address));
        continue;
      }
      const { path } = address;
      await mustBeRootsFolder(path);
      await clearSocketPath(path);
      opened.push(await bindWithMode(path, access.mode, () => bind(address)));
      await allowAccess(path, access);
    }
    return opened;
  } catch (error) {
    await Promise.all(opened.map((listener) => listener.close()));
    throw error;
  }
}
