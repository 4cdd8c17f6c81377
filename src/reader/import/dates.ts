/** Dates of old mail: as headers and From_ lines write them. */

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const month = '(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
const clock = '(\\d{1,2}):(\\d{2})(?::(\\d{2}))?';
const zone = '(?:\\s+([+-]\\d{4}|[A-Z]{1,4}))?';
const header = new RegExp(`\\b(\\d{1,2})[\\s-]+${month}[a-z]*[\\s-]+(\\d{2,4})\\s+${clock}${zone}`, 'i');
const fromLine = new RegExp(`\\b${month}\\s+(\\d{1,2})\\s+${clock}${zone}\\s+(\\d{4})${zone}`, 'i');

/** Hours from UTC (RFC 5322, section 4.3). Others, the letters of the military among them, say nothing. */
const zones: Readonly<Record<string, number>> = {
  ...{ ut: 0, utc: 0, gmt: 0, edt: -4, est: -5, cdt: -5, cst: -6, mdt: -6, mst: -7, pdt: -7, pst: -8 },
};

/** Milliseconds since 1970 of a date as RFC 5322 writes it, in section 4.3 too; undefined if it is none. */
export function parseMailDate(text: string): number | undefined {
  const found = header.exec(text.slice(0, 400));
  if (!found) return undefined;
  const [, day, name, year, hour, minute, second, offset] = found;
  return time(year, name, day, hour, minute, second, offset);
}

/** The date of a From_ line; in UTC, unless it says another zone. */
export function parseFromLineDate(text: string): number | undefined {
  const found = fromLine.exec(text.slice(0, 1000));
  if (!found) return undefined;
  const [, name, day, hour, minute, second, before, year, behind] = found;
  return time(year, name, day, hour, minute, second, behind ?? before);
}

type Word = string | undefined;

function time(
  year: Word,
  name: Word,
  day: Word,
  hour: Word,
  minute: Word,
  second: Word,
  offset: Word,
): number | undefined {
  const at = months.indexOf((name ?? '').toLowerCase());
  // A leap second is the one before it.
  const clockOf = [Number(hour), Number(minute), Math.min(59, Number(second ?? 0))] as const;
  const milliseconds = Date.UTC(fullYear(year ?? ''), at, Number(day), ...clockOf);
  const isDay = new Date(milliseconds).getUTCDate() === Number(day);
  if (Number.isNaN(milliseconds) || !isDay || clockOf[0] > 23 || clockOf[1] > 59) return undefined;
  return milliseconds - minutesFromUtc(offset) * 60_000;
}

/** Years of two and three digits: RFC 5322, section 4.3. */
function fullYear(year: string): number {
  const number = Number(year);
  if (year.length === 2) return number + (number < 50 ? 2000 : 1900);
  return year.length === 3 ? number + 1900 : number;
}

function minutesFromUtc(offset: Word): number {
  const [, sign, hours, minutes] = /^([+-])(\d{2})(\d{2})$/.exec(offset ?? '') ?? [];
  if (sign !== undefined) return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  return (zones[(offset ?? '').toLowerCase()] ?? 0) * 60;
}
