/** Filter options: --from, --to, --subject, --since, --until and --unread of the commands that choose among mails. */
import type { Command } from 'commander';
import { Problem } from '../../core/errors.js';
import type { MailFilter } from '../../reader/mail-filter.js';

export interface FilterOptions {
  readonly from?: string;
  readonly to?: string;
  readonly subject?: string;
  readonly since?: string;
  readonly until?: string;
  readonly unread?: boolean;
}

/** Adds the options to a command; --unread and --to only where they do not mean something else there. */
export function addFilterOptions(command: Command, withUnread = true, withTo = true): Command {
  command.option('--from <TEXT>', 'only mail whose sender has this in it');
  if (withTo) command.option('--to <TEXT>', 'only mail to a recipient that has this in it');
  command
    .option('--subject <TEXT>', 'only mail whose subject has this in it')
    .option(
      '--since <DATE>',
      'only mail received since: 2026-11-01, yesterday; 7d, 2w, 3m, 1y (days to years)',
    )
    .option('--until <DATE>', 'only mail received until the end of: 2026-11-01, yesterday; 7d, 2w, 3m, 1y');
  return withUnread ? command.option('--unread', 'only mail that was not read') : command;
}

/** Whether anything is asked for. */
export function isFiltered({ from, to, subject, since, until, unread }: FilterOptions): boolean {
  return [from, to, subject, since, until, unread].some((one) => one !== undefined);
}

/** Throws a usage Problem if a date is none. */
export function filterOf(options: FilterOptions, now = new Date()): MailFilter {
  const { from, to, subject, since, until, unread } = options;
  return {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(subject !== undefined && { subject }),
    ...(since !== undefined && { since: readDate(since, '--since', now).begin }),
    ...(until !== undefined && { until: readDate(until, '--until', now).end }),
    ...(unread !== undefined && { unread }),
  };
}

const daysOf: Readonly<Record<string, number>> = { d: 1, w: 7, m: 30, y: 365 };
const dayLength = 86_400_000;

/**
 * When something that people write begins and ends, in milliseconds since 1970: a day or a time where the reader is, or in
 * UTC with a Z; "today", "yesterday"; "7d", "2w", "3m", "1y" ago, to the moment.
 */
export function readDate(text: string, option: string, now: Date): { begin: number; end: number } {
  const word = text.trim().toLowerCase();
  const startOfDay = (back: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() - back).getTime();
  if (word === 'now') return { begin: now.getTime(), end: now.getTime() };
  if (word === 'today') return { begin: startOfDay(0), end: startOfDay(-1) };
  if (word === 'yesterday') return { begin: startOfDay(1), end: startOfDay(0) };
  const [, count, unit] = /^(\d{1,5})([dwmy])$/.exec(word) ?? [];
  if (count !== undefined && unit !== undefined) {
    const time = now.getTime() - Number(count) * (daysOf[unit] as number) * dayLength;
    return { begin: time, end: time };
  }
  const [, year, month, day, time] =
    /^(\d{4})-(\d\d)-(\d\d)(?:[t ](\d\d:\d\d(?::\d\d)?z?))?$/.exec(word) ?? [];
  if (year !== undefined && month !== undefined && day !== undefined) {
    if (time !== undefined) {
      const moment = Date.parse(`${year}-${month}-${day}T${time.toUpperCase()}`);
      if (!Number.isNaN(moment)) return { begin: moment, end: moment };
    } else {
      const begin = new Date(Number(year), Number(month) - 1, Number(day));
      if (begin.getMonth() === Number(month) - 1)
        return {
          begin: begin.getTime(),
          end: new Date(Number(year), Number(month) - 1, Number(day) + 1).getTime(),
        };
    }
  }
  throw new Problem(
    'usage',
    `${option} ${text}: not a date; write 2026-11-01, 2026-11-01T14:30, today, yesterday, or 7d, 2w, 3m, 1y for days, weeks, months, years`,
  );
}
