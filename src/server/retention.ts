/** Retention: how old is old enough, and when the clock is not to be believed. */
import { Problem } from '../core/errors.js';
import type { Old } from '../journal/retention.js';

const day = 86_400_000;
/** No transaction takes longer: a block may be as much older than its envelope. */
const longestTransaction = 7 * day;
/** So much further than the newest segment, the clock is taken for wrong. */
const farAhead = 60 * day;

const units: Readonly<Record<string, number>> = { d: day, w: 7 * day, y: 365 * day };

/** An age such as 90d, 12w or 2y, in milliseconds. Throws a usage Problem. */
export function parseAge(text: string): number {
  const [, number, unit = ''] = /^([1-9]\d{0,4})([dwy])$/.exec(text) ?? [];
  if (number === undefined) throw new Problem('usage', `${text}: not an age; write 90d, 12w or 2y`);
  return Number(number) * (units[unit] as number);
}

/** All that came before this time is old. */
export function oldBefore(age: number, now: number): number {
  return now - age - longestTransaction;
}

export function isFarAhead({ newest }: Old, now: number): boolean {
  return newest !== undefined && now > newest + farAhead;
}
