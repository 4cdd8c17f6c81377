/** Limit words: `--set NAME=NUMBER`, for every limit that spec/smtp.md names. */
import { Problem } from '../core/errors.js';
import { type ConnectionLimits, defaultConnectionLimits } from '../net/limits.js';
import { type AddressLimits, defaultAddressLimits } from '../server/address-limits.js';
import { defaultSessionLimits, type SessionLimits } from '../smtp/settings.js';

/** What --set says, of sessions and connections, and of addresses. */
export interface Limits {
  readonly serving: Partial<SessionLimits & ConnectionLimits>;
  readonly addresses: Partial<AddressLimits>;
}

type Defaults = Readonly<Record<string, number | boolean>>;

/** --max-size says this one. */
const { content: _, ...sessionLimits } = defaultSessionLimits;
const defaults: Defaults = {
  ...sessionLimits,
  ...defaultConnectionLimits,
  ...defaultAddressLimits,
};

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

/** Reads the words of --set. Throws a usage Problem for a name that there is not, or a number out of bounds. */
export function parseLimits(words: readonly string[]): Limits {
  const all = Object.entries(parse(words, '--set ', defaults));
  const isOfAddresses = ([name]: [string, number]) => name in defaultAddressLimits;
  return {
    serving: Object.fromEntries(all.filter((one) => !isOfAddresses(one))),
    addresses: Object.fromEntries(all.filter(isOfAddresses)),
  };
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
    if (typeof defaults[name] !== 'number')
      throw new Problem(
        'usage',
        `${before}${word}: no such limit; write NAME=NUMBER, NAME being one of ${names(defaults)}`,
      );
    const least = atLeast[name] ?? 0;
    const most = atMost[name] ?? largest;
    const number = /^\d{1,13}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= least && number <= most))
      throw new Problem('usage', `${before}${word}: write a whole number from ${least} to ${most}`);
    if (name in limits) throw new Problem('usage', `${before}${name} is given twice; give it once`);
    limits[name] = number;
  }
  return limits;
}

function names(defaults: Defaults): string {
  return Object.keys(defaults)
    .filter((name) => typeof defaults[name] === 'number')
    .join(', ');
}
