/** Limit words: `--set NAME=NUMBER`, for every limit that spec/smtp.md names. */
import { Problem } from '../core/errors.js';
import { type ConnectionLimits, defaultConnectionLimits } from '../net/limits.js';
import { defaultSessionLimits, type SessionLimits } from '../smtp/settings.js';

export type Limits = Partial<SessionLimits & ConnectionLimits>;

/** --max-size says this one. */
const { content: _, ...sessionLimits } = defaultSessionLimits;
const defaults: Readonly<Record<string, number | boolean>> = { ...sessionLimits, ...defaultConnectionLimits };

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
  sessionSeconds: 1,
};
const atMost: Readonly<Record<string, number>> = {
  commandLine: 65_536,
  networkBits4: 32,
  networkBits6: 128,
  // No transaction may take longer than retention waits for.
  sessionSeconds: 604_800,
};
const largest = 1_000_000_000;

/** Reads the words. Throws a usage Problem for a name that there is not, or a number out of bounds. */
export function parseLimits(words: readonly string[]): Limits {
  const limits: Record<string, number> = {};
  for (const word of words) {
    const [, name = '', digits = ''] = /^([A-Za-z0-9]+)=(\d{1,10})$/.exec(word) ?? [];
    if (typeof defaults[name] !== 'number')
      throw new Problem('usage', `--set ${word}: write NAME=NUMBER, NAME being one of ${names()}`);
    const least = atLeast[name] ?? 0;
    const most = atMost[name] ?? largest;
    const number = Number(digits);
    if (number < least || number > most)
      throw new Problem('usage', `--set ${word}: write a number from ${least} to ${most}`);
    if (name in limits) throw new Problem('usage', `--set ${name} is given twice; give it once`);
    limits[name] = number;
  }
  return limits;
}

function names(): string {
  return Object.keys(defaults)
    .filter((name) => typeof defaults[name] === 'number')
    .join(', ');
}
