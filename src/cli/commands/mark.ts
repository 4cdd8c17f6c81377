/** obalka mark: says which mails were read; and carries what is marked from one computer to another. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { Problem } from '../../core/errors.js';
import { append } from '../../core/long-lists.js';
import type { ListedMail } from '../../reader/cache/listed-mail.js';
import { openMarks, sealMarks } from '../../reader/cache/read-marks.js';
import { matching } from '../../reader/mail-filter.js';
import { cacheOption } from '../mailbox/cache-file.js';
import { addFilterOptions, type FilterOptions, filterOf, isFiltered } from '../mailbox/filter-options.js';
import { findListed, type MailReadingOptions, type OpenMailbox, withMail } from '../mailbox/mail-reading.js';
import { markAll, noMarks } from '../mailbox/marked-mail.js';
import { collect, pinsOption } from '../options.js';
import { random } from '../random.js';
import { inform, print } from '../terminal/output.js';

interface MarkOptions extends MailReadingOptions, Omit<FilterOptions, 'unread'> {
  readonly read?: boolean;
  readonly unread?: boolean;
  readonly all?: boolean;
  readonly export?: string;
  readonly import?: string;
}

export function markCommand(program: Command): void {
  addFilterOptions(
    program
      .command('mark')
      .argument('[ID...]', 'as "obalka list" shows them; a beginning will do')
      .description('mark mail as read or unread')
      .option('--read', 'as read')
      .option('--unread', 'as unread')
      .option('--all', 'all mail, or all that the following let through'),
    false,
  )
    .option(
      '--export <FILE>',
      'write what is marked to a new file, sealed to your identity; - for standard output',
    )
    .option('--import <FILE>', 'add what is marked in such a file; - for standard input')
    .option('--identity <FILE>', 'your identity; repeatable (OBALKA_IDENTITY)', collect, [])
    .option('--data <DIR>', 'the data directory, a journal, or a copy of one (OBALKA_DATA)')
    .option(...cacheOption)
    .option(...pinsOption)
    .action((ids: readonly string[], options: MarkOptions) => {
      check(ids, options);
      return withMail(options, async (opened) => {
        if (options.export !== undefined) return exportMarks(opened, options.export);
        if (options.import !== undefined) return importMarks(opened, options.import);
        const mails: ListedMail[] = [];
        for (const id of ids) mails.push(await findListed(opened, id));
        if (options.all) {
          const { unread: _, ...asked } = options;
          const isWanted = matching(filterOf(asked), () => false);
          for await (const some of opened.mailbox.oldestFirst()) append(mails, some.filter(isWanted));
        }
        const changed = markAll(opened, mails, options.read === true);
        inform(
          `${changed} ${changed === 1 ? 'mail' : 'mails'} marked as ${options.read ? 'read' : 'unread'}`,
        );
      });
    });
}

/** Throws a usage Problem if it is not clear what is to be done. */
function check(ids: readonly string[], options: MarkOptions): void {
  const { unread: _, ...asked } = options;
  const carries = [options.export, options.import].filter((one) => one !== undefined).length;
  const marks = [options.read, options.unread].filter(Boolean).length;
  if (carries > 1 || (carries === 1 && (marks > 0 || ids.length > 0 || options.all)))
    throw new Problem('usage', 'give --export FILE or --import FILE alone');
  if (carries === 1) return;
  if (marks !== 1) throw new Problem('usage', 'give one of --read and --unread');
  if (ids.length > 0 && options.all) throw new Problem('usage', 'name mails, or give --all, not both');
  if (ids.length === 0 && !options.all) throw new Problem('usage', 'name at least one mail, or give --all');
  if (isFiltered(asked) && !options.all)
    throw new Problem('usage', 'give --all with --from, --to, --subject, --since and --until');
  filterOf(asked);
}

const firstLine = 'obalka marks 1';

async function exportMarks({ identities, marksOf, journal }: OpenMailbox, path: string): Promise<void> {
  const lines = identities.map((identity) => {
    const marks = marksOf(identity);
    if (!marks) throw noMarks();
    return sealMarks(marks.all(), identity, journal, random);
  });
  if (path === '-') return print(firstLine, ...lines);
  await writeFile(path, `${[firstLine, ...lines].join('\n')}\n`, { mode: 0o600, flag: 'wx' }).catch(
    (error: NodeJS.ErrnoException) => {
      throw new Problem('failure', `${path}: cannot be written (${error.code}); name another file`);
    },
  );
}

async function importMarks({ identities, marksOf, journal }: OpenMailbox, path: string): Promise<void> {
  const text = await readFile(path === '-' ? '/dev/stdin' : path, 'latin1').catch(
    (error: NodeJS.ErrnoException) => {
      throw new Problem('failure', `${path}: cannot be read (${error.code})`);
    },
  );
  const [first, ...lines] = text.split('\n');
  if (first !== firstLine)
    throw new Problem(
      'usage',
      `${path}: this is no file of "obalka mark --export", or one of a newer obalka`,
    );
  let [opened, changed] = [0, 0];
  for (const identity of identities)
    for (const line of lines) {
      const ids = openMarks(line, identity, journal);
      if (!ids) continue;
      const marks = marksOf(identity);
      if (!marks) throw noMarks();
      opened++;
      changed += marks.add(ids);
    }
  if (opened === 0)
    throw new Problem(
      'failure',
      `${path}: none of these marks is of this identity and journal, or they were changed`,
    );
  inform(`${changed} ${changed === 1 ? 'mark' : 'marks'} added`);
}
