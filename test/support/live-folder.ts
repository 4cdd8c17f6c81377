/** Looks into a folder that a running program writes to: what is renamed or removed between two looks is left out. */

import { type BigIntStats, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names of all that is below a folder, in order, each with what lstat tells of it. */
export function entriesBelow(folder: string): [name: string, stats: BigIntStats][] {
  return below(folder, '').sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Octets of a file, or undefined if it went away. */
export function readIfThere(path: string): Buffer | undefined {
  return ifThere(() => readFileSync(path));
}

/** Folder by folder: readdirSync with `recursive` throws when one of them is renamed under it. */
function below(root: string, folder: string): [name: string, stats: BigIntStats][] {
  return (ifThere(() => readdirSync(join(root, folder))) ?? []).flatMap((one) => {
    const name = join(folder, one);
    const stats = ifThere(() => lstatSync(join(root, name), { bigint: true }));
    if (!stats) return [];
    return [[name, stats], ...(stats.isDirectory() ? below(root, name) : [])];
  });
}

/** What is read, or undefined if it, or a folder on the way to it, is not there any more. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}
