/** Dates as people write and read them on the command line and in lists: UTC, to the second. */
import { Problem } from '../core/errors.js';

/** "2026-12-24T12:00:00Z" of seconds since 1970. */
export function showDate(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** Seconds since 1970. `place` names what was given, in the usage Problem. */
export function parseDate(text: string, place: string): number {
  const time = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw new Problem(
      'usage',
      `${place} ${text}: not a time; write 2026-12-24 or 2026-12-24T12:00:00Z (UTC)`,
    );
  return time / 1000;
}
