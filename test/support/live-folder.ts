/** Looks into a folder that a running program writes to: what is renamed or removed between two looks is left out. */

import { type BigIntStats, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names of all that is below a folder, in order, each with what lstat tells of it. */
export function entriesBelow(folder: string): [name: string, stats: BigIntStats][] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return names.flatMap((name): [string, BigIntStats][] => {
    const stats = lstatSync(join(folder, name), { bigint: true, throwIfNoEntry: false });
    return stats ? [[name, stats]] : [];
  });
}

/** Octets of a file, or undefined if it went away. */
export function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
