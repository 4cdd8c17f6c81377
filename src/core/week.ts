/** Weeks: the one measure of time that a journal shows (ISO 8601, UTC). */

const day = 86_400_000;

/** The end of an ISO week (the beginning of the next), in milliseconds since 1970. */
export function weekEnd(week: string): number {
  const [, year, number] = /^(\d{4})-W(\d{2})$/.exec(week) ?? [];
  // January 4 lies in week 1.
  const fourth = Date.UTC(Number(year), 0, 4);
  const monday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * day;
  return monday + Number(number) * 7 * day;
}

let known = { day: -1, week: '' };

/** The ISO week of a time in milliseconds since 1970: "2026-W47". Weeks begin on Monday; week 1 holds January 4. */
export function isoWeek(time: number): string {
  // Asked for at every block: worked out once a day.
  const today = Math.floor(time / day);
  if (known.day !== today) known = { day: today, week: workOut(time) };
  return known.week;
}

function workOut(time: number): string {
  const date = new Date(time);
  const weekday = (date.getUTCDay() + 6) % 7;
  // The Thursday of a week lies in the year that the week belongs to.
  const thursday =
    Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) + (3 - weekday) * day;
  const year = new Date(thursday).getUTCFullYear();
  const week = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * day));
  return `${year}-W${String(week).padStart(2, '0')}`;
}
