/** Whole files: written beside, synced, renamed, the folder synced. Whatever happens, the old one is there or the new one. */
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface WholeFile {
  /** 0600 without it. */
  readonly mode?: number;
  /** Seconds since 1970 that the file says it was changed at. */
  readonly time?: number;
  /** The name beside is a lock: one that is there rejects with EEXIST. Else one who was cut off left it, and it goes. */
  readonly isLock?: boolean;
  /** When the file beside was made, and before it is written; if it rejects, nothing is changed. */
  readonly check?: () => Promise<void>;
}

/** What a file is called while it is written. */
export const besideOf = (path: string) => `${path}.unfinished`;

/**
 * Puts a file in its place, whatever was there. A link at `path` is replaced, and none is followed beside it. Without
 * `isLock` whoever calls sees to it that nobody else does so at the same time.
 */
export async function writeWhole(path: string, text: string, how: WholeFile = {}): Promise<void> {
  const beside = besideOf(path);
  if (!how.isLock) await rm(beside, { force: true });
  // Never through a link that somebody put there: `wx` makes the file, or fails.
  const file = await open(beside, 'wx', how.mode ?? 0o600);
  try {
    try {
      await how.check?.();
      await file.writeFile(text);
      if (how.time !== undefined) await file.utimes(how.time, how.time);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
