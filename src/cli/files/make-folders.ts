/** Making folders, with those above them. Node's own way of doing so never ends below /proc. */
import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder, and those above it that are missing; tells whether it was. One that is there keeps its mode. Rejects as
 * `mkdir` does: with EEXIST where something else has the name, or the name of one above.
 */
export async function makeFolders(path: string, mode = 0o700): Promise<boolean> {
  const isThere = () =>
    stat(path).then(
      (stats) => stats.isDirectory(),
      () => false,
    );
  if (await isThere()) return false;
  const above = dirname(path);
  if (above !== path) await makeFolders(above, mode);
  try {
    await mkdir(path, { mode });
    return true;
  } catch (error) {
    // Somebody else was faster.
    if (await isThere()) return false;
    throw error;
  }
}

/** The same, and nothing else done meanwhile. */
export function makeFoldersNow(path: string, mode = 0o700): boolean {
  const isThere = () => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isThere()) return false;
  const above = dirname(path);
  if (above !== path) makeFoldersNow(above, mode);
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    if (isThere()) return false;
    throw error;
  }
}
