/** Free space: what the file system of a folder has left for this user. */
import { statfsSync } from 'node:fs';

/** Octets; undefined where the system does not say. One call takes some microseconds. */
export function freeSpace(folder: string): { free: number; total: number } | undefined {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return { free: bavail * bsize, total: blocks * bsize };
  } catch {
    return undefined;
  }
}
