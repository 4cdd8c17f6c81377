/** Cache file: where the reader's cache is kept, and what becomes of one that is damaged: it is made anew. */
import { linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hex } from '../../core/bytes.js';
import { Problem } from '../../core/errors.js';
import { openRowsFile, type RowsFile } from '../../reader/cache/rows-file.js';
import { CacheDamage, cacheName } from '../../reader/cache/sealed-rows.js';
import type { Identity } from '../../seal/keys.js';
import { whereIs } from '../config/in-use.js';
import { makeFoldersNow } from '../files/make-folders.js';
import { mustBeMyFile, mustBeMyFolder } from '../files/only-mine.js';
import { random } from '../random.js';
import { say } from '../terminal/output.js';

/** How --cache is shown in the help of the commands that read. */
export const cacheOption = [
  '--cache <DIR>',
  'where what was found is kept, sealed to your identity; or "none" (OBALKA_CACHE)',
] as const;

/** The folder of --cache, else of OBALKA_CACHE, else of the configuration, else the usual; undefined if it is switched off. */
export function cacheFolder(option: string | undefined): string | undefined {
  const { value } = whereIs('cache', option);
  return value === 'none' ? undefined : value;
}

/** The path of the cache of an identity and a journal. */
export function cacheFile(folder: string, identity: Identity, journal: Uint8Array): string {
  return join(folder, `${cacheName(identity.seed, journal)}.sqlite`);
}

/**
 * The cache, made if need be; undefined, and a line on standard error, if there can be none now, or others could write to
 * it. One that is damaged, of something else or of another version is thrown away and begun anew: all but the marks comes
 * back from the journal.
 */
export function openCache(
  option: string | undefined,
  identity: Identity,
  journal: Uint8Array,
): RowsFile | undefined {
  const folder = cacheFolder(option);
  if (folder === undefined) return undefined;
  const path = cacheFile(folder, identity, journal);
  const open = () => {
    makeWhole(path, (made) => openRowsFile(made, identity, journal, random).close());
    return openRowsFile(path, identity, journal, random);
  };
  try {
    makeFoldersNow(folder);
    mustBeMyFolder(folder);
    for (const name of filesOf(path)) mustBeMyFile(name);
    return open();
  } catch (error) {
    if (!(error instanceof CacheDamage)) return without(path, error);
  }
  try {
    say('obalka: the cache could not be used and is made anew; read marks that were not exported are lost');
    removeCache(path);
    return open();
  } catch (error) {
    return without(path, error);
  }
}

/** A file that is not there is made under another name first: another reader that comes meanwhile finds none, or all of it. */
function makeWhole(path: string, make: (path: string) => void): void {
  if (statSync(path, { throwIfNoEntry: false })) return;
  const making = `${path}.${hex(random(8))}`;
  try {
    make(making);
    linkSync(making, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Some file systems have no links.
    if (code === 'EPERM' || code === 'ENOTSUP') renameSync(making, path);
    // Somebody else was faster, and theirs is as good.
    else if (code !== 'EEXIST') throw error;
  } finally {
    removeCache(making);
  }
}

/** Removes a cache, and what SQLite keeps beside it. */
export function removeCache(path: string): void {
  for (const name of filesOf(path)) rmSync(name, { force: true, recursive: true });
}

const filesOf = (path: string) => [path, `${path}-wal`, `${path}-shm`, `${path}-journal`];

function without(path: string, error: unknown): undefined {
  const why =
    error instanceof Problem
      ? error.message
      : `${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`;
  say(`obalka: going on without a cache: ${why}`);
  return undefined;
}
