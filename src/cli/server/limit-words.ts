/** Limit words: `--set NAME=NUMBER`, for every limit that spec/smtp.md names. */
import { Problem } from '../../core/errors.js';
import { defaultConnectionLimits } from '../../net/limits.js';
import { type AddressLimits, defaultAddressLimits } from '../../server/address-limits.js';
import { defaultSessionLimits } from '../../smtp/settings.js';

/** --max-size says the one that is left out. */
const { content: _, ...sessionLimits } = defaultSessionLimits;
export const defaultLimits = { ...sessionLimits, ...defaultConnectionLimits, ...defaultAddressLimits };
export type LimitName = keyof typeof defaultLimits;
export const limitNames = Object.keys(defaultLimits) as readonly LimitName[];

type Defaults = Readonly<Record<string, number>>;

/** Limits that a server needs some of. The others may be 0, where that means none. */
const atLeast: Readonly<Record<string, number>> = {
  commandLine: 512,
  recipients: 100,
  refusedRecipients: 1,
  errors: 1,
  connections: 1,
  connectionsPerNetwork: 1,
  networkBits4: 1,
  networkBits6: 1,
  handshakes: 1,
  handshakesPerNetwork: 1,
  handshakeSeconds: 1,
  commandSeconds: 1,
  contentSeconds: 1,
  applicationSeconds: 1,
  sessionSeconds: 1,
};
const atMost: Readonly<Record<string, number>> = {
  commandLine: 65_536,
  networkBits4: 32,
  networkBits6: 128,
  // No transaction may take longer than retention waits for.
  sessionSeconds: 604_800,
  addressOctetsPerHour: 1_000_000_000_000,
  addressOctetsPerDay: 1_000_000_000_000,
};
const largest = 1_000_000_000;

/** What a limit may be. */
export function boundsOf(name: string): { readonly least: number; readonly most: number } {
  return { least: atLeast[name] ?? 0, most: atMost[name] ?? largest };
}

/** Reads the words of --set. Throws a usage Problem for a name that there is not, or a number out of bounds. */
export function parseLimits(words: readonly string[]): Partial<Record<LimitName, number>> {
  return parse(words, '--set ', defaultLimits);
}

/** Reads limits of addresses alone, as they stand behind an address. Throws as `parseLimits` does. */
export function parseAddressWords(words: readonly string[]): Partial<AddressLimits> {
  return parse(words, '', { ...defaultAddressLimits });
}

function parse(words: readonly string[], before: string, defaults: Defaults): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const word of words) {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(word) ?? [];
    if (name === 'content' && before !== '')
      throw new Problem('usage', `${before}${word}: --max-size sets this limit`);
    if (!Object.hasOwn(defaults, name))
      throw new Problem(
        'usage',
        `${before}${word}: no such limit; write NAME=NUMBER, NAME being one of ${Object.keys(defaults).join(', ')}`,
      );
    const { least, most } = boundsOf(name);
    const number = /^\d{1,13}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= least && number <= most))
      throw new Problem('usage', `${before}${word}: write a whole number from ${least} to ${most}`);
    if (name in limits) throw new Problem('usage', `${before}${name} is given twice; give it once`);
    limits[name] = number;
  }
  return limits;
}
