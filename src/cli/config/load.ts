/** Loading a configuration file: read, and refused with everything that is wrong. */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Problem } from '../../core/errors.js';
import { openRegular } from '../../journal/regular-file.js';
import { mustBeTrusted } from '../files/only-mine.js';
import { shownCommand } from '../terminal/shell-word.js';
import { BadConfiguration, faultLine } from './fault.js';
import { type ConfigurationFile, readConfiguration } from './file.js';

const maxOctets = 2 ** 20;

/** A file, with whatever is wrong in it. Throws a Problem if it cannot be read at all. */
export async function loadConfiguration(path: string): Promise<ConfigurationFile> {
  return readConfiguration(path, await readText(path), dirname(path));
}

/** A file with which nothing is wrong. Throws a Problem with the first fault, and how many more there are. */
export async function goodConfiguration(path: string): Promise<ConfigurationFile> {
  const file = await loadConfiguration(path);
  const [first, ...more] = file.faults;
  if (!first) return file;
  const others =
    more.length === 0 ? '' : `; and ${more.length} more, see: ${shownCommand('config', 'check', path)}`;
  throw new BadConfiguration(path, `${faultLine(first)}${others}`);
}

async function readText(path: string): Promise<string> {
  let octets: Buffer;
  try {
    const file = await openRegular(path);
    try {
      const stats = await file.stat();
      mustBeTrusted(path, stats);
      if (stats.size > maxOctets)
        throw new Problem('failure', `${path}: too long for a configuration; is it another file?`);
      octets = await readFile(file);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof Problem) throw error;
    const mend =
      code === 'ENOENT'
        ? 'name one that is there with --config FILE, or "none"'
        : 'let whoever runs this read it (there is no secret in it), or give --config none';
    throw new Problem('failure', `${path}: the configuration cannot be read (${code}); ${mend}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    throw new Problem('failure', `${path}: not text in UTF-8; save it so`);
  }
}
