/** Options: how arguments are read, beyond what commander does. */
import { type Command, InvalidArgumentError } from 'commander';
import { Problem } from '../core/errors.js';
import {
  defaultCacheFolder,
  defaultDataFolder,
  defaultIdentityFile,
  defaultPinsFile,
} from './usual-places.js';

/** For an option that may be given more than once. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

/** For a number of things. */
export function count(text: string): number {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value === 0)
    throw new InvalidArgumentError('it should be a number above 0.');
  return value;
}

/** How --pins is shown in the help of the commands that read. */
export const pinsOption = [
  '--pins <FILE>',
  'what you have seen, to notice rollback; or "none" (OBALKA_PINS)',
] as const;

/** How --pepper is shown in the help of the commands that have it. */
export const pepperHelp = 'the secret of the registry, if not in the data directory (OBALKA_PEPPER)';

/** What stands for an option where neither it nor its variable is given. */
const usualPlaces = new Map([
  ['OBALKA_DATA', defaultDataFolder],
  ['OBALKA_IDENTITY', defaultIdentityFile],
  ['OBALKA_CACHE', defaultCacheFolder],
  ['OBALKA_PINS', defaultPinsFile],
]);

/** Has the help of every option that names such a variable say what its default is. Called once, when all commands are there. */
export function sayUsualPlaces(program: Command): void {
  for (const option of program.options) {
    const usual = usualPlaces.get(/\((OBALKA_\w+)\)$/.exec(option.description)?.[1] ?? '');
    if (usual) option.defaultValueDescription = usual();
  }
  for (const command of program.commands) sayUsualPlaces(command);
}

/** Options that may be repeated; any other that is given twice is an error, not a last word. */
const repeatable = new Set([
  '--identity',
  '--to-key',
  '--listen',
  '--set',
  '--tls-cert',
  '--tls-key',
  '--proxy-from',
  '--xclient-from',
  '--neighbour',
]);

/** Throws a usage Problem if an option stands twice. */
export function refuseDoubled(words: readonly string[]): void {
  const seen = new Set<string>();
  for (const word of words) {
    if (word === '--') return;
    if (!/^--[a-z]/.test(word)) continue;
    const name = word.replace(/=.*$/s, '');
    if (seen.has(name) && !repeatable.has(name))
      throw new Problem('usage', `${name} is given twice; give it once`);
    seen.add(name);
  }
}
