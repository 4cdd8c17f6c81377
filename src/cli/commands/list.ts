/** obalka list: the mail of a mailbox, newest last. */
import type { Command } from 'commander';
import type { ListedMail } from '../../reader/cache/listed-mail.js';
import { matching } from '../../reader/mail-filter.js';
import { cacheOption } from '../mailbox/cache-file.js';
import { addFilterOptions, type FilterOptions, filterOf, isFiltered } from '../mailbox/filter-options.js';
import { jsonLine, lineForm, textLine } from '../mailbox/list-lines.js';
import { type MailReadingOptions, type OpenMailbox, withMail } from '../mailbox/mail-reading.js';
import { readState } from '../mailbox/marked-mail.js';
import { collect, count, pinsOption } from '../options.js';
import { inform, say } from '../terminal/output.js';
import { type LineSink, withPager } from '../terminal/pager.js';

interface ListOptions extends MailReadingOptions, FilterOptions {
  readonly limit?: number;
  readonly json?: boolean;
  readonly pager: boolean;
}

export function listCommand(program: Command): void {
  addFilterOptions(
    program
      .command('list')
      .description('list the mail that your identity opens, newest last')
      .option('--limit <N>', 'only the last N', count),
  )
    .option('--json', 'one JSON object a line')
    .option('--no-pager', 'write to the terminal itself')
    .option('--identity <FILE>', 'your identity; repeatable (OBALKA_IDENTITY)', collect, [])
    .option('--data <DIR>', 'the data directory, a journal, or a copy of one (OBALKA_DATA)')
    .option(...cacheOption)
    .option(...pinsOption)
    .action((options: ListOptions) => {
      // A date that is none is said before anything is read.
      const filter = filterOf(options);
      return withMail(options, async (opened) => {
        const { mailbox } = opened;
        if (mailbox.findings.faults.length + mailbox.findings.damaged.length > 0) process.exitCode = 5;
        const isUnread = readState(opened, filter.unread === true);
        const isWanted = isFiltered(options) ? matching(filter, (mail) => !isUnread(mail)) : () => true;
        const expired = mailbox.expired.length;
        if (expired > 0)
          say(
            `${expired} ${expired === 1 ? 'mail is' : 'mails are'} expired: what held the content was dropped`,
          );
        if (mailbox.count + expired === 0) await sayEmpty(options);
        const form = lineForm();
        const line = (mail: ListedMail) =>
          options.json
            ? jsonLine(mail, opened.changes, isUnread(mail))
            : textLine(mail, opened.changes, isUnread(mail), form);
        const last = await withPager(options.pager, 'end', (sink) =>
          printAll(opened, options.limit, isWanted, line, sink),
        );
        if (last.length === 0 && mailbox.count > 0) inform('no mail is let through by these options');
        if (process.stdout.isTTY) (await import('../terminal/next-steps.js')).hintToRead(last, options);
      });
    });
}

/** Gives the last mails that it printed. */
async function printAll(
  { mailbox }: OpenMailbox,
  limit: number | undefined,
  isWanted: (mail: ListedMail) => boolean,
  line: (mail: ListedMail) => string,
  sink: LineSink,
): Promise<readonly ListedMail[]> {
  let last: ListedMail[] = [];
  if (limit === undefined) {
    for await (const mails of mailbox.oldestFirst()) {
      const wanted = mails.filter(isWanted);
      if (wanted.length === 0) continue;
      last = wanted;
      await sink.print(wanted.map(line));
      if (!sink.isOpen) break;
    }
    return last;
  }
  for await (const mails of mailbox.newestFirst()) {
    for (const mail of mails) if (last.length < limit && isWanted(mail)) last.push(mail);
    if (last.length >= limit) break;
  }
  if (last.length > 0) await sink.print(last.reverse().map(line));
  return last;
}

async function sayEmpty({ data, identity }: ListOptions): Promise<void> {
  inform('no mail for this identity here (a mailbox without mail and a key of somebody else look alike)');
  // What helps a person at the beginning is not loaded later.
  await (await import('../terminal/next-steps.js')).forEmptyMailbox(data, identity);
}
