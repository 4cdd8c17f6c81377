/** obalka count: how many mails there are, and how many of them were not read. */
import type { Command } from 'commander';
import { matching } from '../../reader/mail-filter.js';
import { cacheOption } from '../mailbox/cache-file.js';
import { addFilterOptions, type FilterOptions, filterOf, isFiltered } from '../mailbox/filter-options.js';
import { type MailReadingOptions, withMail } from '../mailbox/mail-reading.js';
import { readState } from '../mailbox/marked-mail.js';
import { collect, pinsOption } from '../options.js';
import { print } from '../terminal/output.js';

interface CountOptions extends MailReadingOptions, FilterOptions {
  readonly json?: boolean;
}

export function countCommand(program: Command): void {
  addFilterOptions(program.command('count').description('count mail, and what of it was not read'))
    .option('--json', 'one JSON object')
    .option('--identity <FILE>', 'your identity; repeatable (OBALKA_IDENTITY)', collect, [])
    .option('--data <DIR>', 'the data directory, a journal, or a copy of one (OBALKA_DATA)')
    .option(...cacheOption)
    .option(...pinsOption)
    .action((options: CountOptions) => {
      const filter = filterOf(options);
      return withMail(options, async (opened) => {
        const { mailbox, identities, marksOf } = opened;
        if (mailbox.findings.faults.length + mailbox.findings.damaged.length > 0) process.exitCode = 5;
        const isUnread = readState(opened, filter.unread === true);
        const knowsRead = identities.every((identity) => marksOf(identity));
        const isWanted = matching(filter, (mail) => !isUnread(mail));
        let [mails, unread] = [0, 0];
        if (!knowsRead && !isFiltered(options)) mails = mailbox.count;
        else
          for await (const some of mailbox.newestFirst())
            for (const mail of some)
              if (isWanted(mail)) {
                mails++;
                if (isUnread(mail)) unread++;
              }
        if (options.json) await print(JSON.stringify({ mails, ...(knowsRead && { unread }) }));
        else
          await print(`${mails} ${mails === 1 ? 'mail' : 'mails'}${knowsRead ? `, ${unread} unread` : ''}`);
      });
    });
}
