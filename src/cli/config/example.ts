/** The example: a configuration in which every key stands, each with what it says, and what it is without it. */
import { readFile } from 'node:fs/promises';

const example = new URL('../../../../spec/guide/obalka.toml', import.meta.url);

export function readExample(): Promise<string> {
  return readFile(example, 'utf8');
}
