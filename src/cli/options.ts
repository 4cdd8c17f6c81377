/** Options: how arguments are read, beyond what commander does. */
import { InvalidArgumentError } from 'commander';
import { Problem } from '../core/errors.js';

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
  '--ipv4',
  '--ipv6',
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
