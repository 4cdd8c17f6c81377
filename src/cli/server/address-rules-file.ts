/** Address rules file: `address-rules` in the data directory, read again when it changes. No file: the usual rules. */
import { readFile } from 'node:fs/promises';
import { Problem } from '../../core/errors.js';
import { type AddressRules, parseAddressRules, usualRules } from '../../registry/address-rules.js';
import type { Log } from '../log/log.js';
import { Watched } from './watched-files.js';

/** The rules of a file, or the usual ones if there is none. Throws a Problem that names the file, and the line. */
export async function readAddressRules(path: string, isExpected = false): Promise<AddressRules> {
  const text = await readText(path);
  if (text === undefined && isExpected)
    throw new Problem('failure', `${path}: the file is gone; an empty one says what none says`);
  return text === undefined ? usualRules : parseAddressRules(text, path);
}

/** The rules of a running server. A file that cannot be read any more, or is gone, leaves the old ones. */
export function watchAddressRules(path: string, log: Log): Promise<Watched<AddressRules>> {
  const read = (isAgain: boolean) => readAddressRules(path, isAgain);
  return Watched.start({ paths: [path], read, events: { read: 'rules-read', kept: 'rules-kept' } }, log);
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Problem('failure', `${path}: the address rules cannot be read (${error.code})`);
  });
}
