/** obalka export: takes mail away, as files that other programs read. */
import { type Command, Option } from 'commander';
import { FormatError, Problem } from '../../core/errors.js';
import { envelopeFlags } from '../../format/envelope-flags.js';
import type { ListedMail } from '../../reader/cache/listed-mail.js';
import type { ListedMailbox } from '../../reader/cache/listed-mailbox.js';
import { AgeFile } from '../../reader/export/age-file.js';
import { openHeldMessage, openMessage } from '../../reader/export/open-message.js';
import type { Mail } from '../../reader/mail.js';
import { matching } from '../../reader/mail-filter.js';
import { Expired } from '../../reader/named-blocks.js';
import { type Chosen, choose, eachOf } from '../export/chosen-mails.js';
import { type FileContent, folderOfFiles, oneFile } from '../export/files-target.js';
import { look } from '../export/folders.js';
import { maildir } from '../export/maildir-target.js';
import { mboxFile } from '../export/mbox-target.js';
import { mboxOutput, standardOutput } from '../export/standard-output.js';
import type { Target } from '../export/target.js';
import { loadPublicKey } from '../keys/identities.js';
import { cacheOption } from '../mailbox/cache-file.js';
import { addFilterOptions, type FilterOptions, filterOf } from '../mailbox/filter-options.js';
import { findListed, type MailReadingOptions, type OpenMailbox, withMail } from '../mailbox/mail-reading.js';
import { readState } from '../mailbox/marked-mail.js';
import { keepYoungSmall } from '../memory.js';
import { collect, pinsOption } from '../options.js';
import { random } from '../random.js';
import { counted } from '../terminal/counted.js';
import { inform, print, say } from '../terminal/output.js';
import { Progress } from '../terminal/progress.js';

const formats = ['eml', 'mbox', 'maildir', 'age'] as const;

interface ExportOptions extends MailReadingOptions, Omit<FilterOptions, 'to'> {
  readonly format: (typeof formats)[number];
  readonly to: string;
  readonly toKey: readonly string[];
  readonly json?: boolean;
}

export function exportCommand(program: Command): void {
  const command = program
    .command('export')
    .argument('[ID...]', 'which mail; all of it without')
    .description('take mail away as files that other programs read')
    .addOption(new Option('--format <FORMAT>', 'what to write').choices(formats).makeOptionMandatory())
    .requiredOption('--to <PATH>', 'where to; - for standard output');
  addFilterOptions(command, true, false)
    .option('--identity <FILE>', 'your identity; repeatable (OBALKA_IDENTITY)', collect, [])
    .option('--to-key <FILE>', 'age: a public key that opens it too; repeatable', collect, [])
    .option('--json', 'one JSON object for each mail that was written')
    .option('--data <DIR>', 'the data directory, a journal, or a copy of one (OBALKA_DATA)')
    .option(...cacheOption)
    .option(...pinsOption)
    .action((ids: readonly string[], options: ExportOptions) => {
      keepYoungSmall();
      return withMail(options, async (opened) => {
        const { mailbox } = opened;
        const { findings, expired } = mailbox;
        if (findings.faults.length + findings.damaged.length > 0) endWith('damage');
        if (ids.length === 0 && expired.length > 0)
          say(`${counted(expired.length, 'mail')} expired: what held the content was dropped`);
        const { to: _, ...asked } = options;
        const filter = filterOf(asked);
        const isUnread = readState(opened, filter.unread === true);
        const isWanted = matching(filter, (mail) => !isUnread(mail));
        // Only a Maildir tells of each mail whether it was read.
        const read = new Set<string>();
        const each = ids.length > 0 ? await eachNamed(opened, ids, isWanted) : eachOf(mailbox, isWanted);
        const chosen = await choose(each, (mail) => {
          if (options.format === 'maildir' && !(isUnread(mail) ?? !(mail.flags & envelopeFlags.seen)))
            read.add(mail.id);
        });
        const target = await targetOf(options, ids.length === 1, chosen.count, ({ id }) => read.has(id));
        await exportAll(chosen, mailbox, target, options);
      });
    });
}

/** `isOne`: whether one mail was named; `count`: how many there are; `isRead`: whether its owner has read a mail, here or where it was brought in from. */
async function targetOf(
  options: ExportOptions,
  isOne: boolean,
  count: number,
  isRead: (mail: Mail) => boolean,
): Promise<Target> {
  const { format, to } = options;
  if (options.toKey.length > 0 && format !== 'age')
    throw new Problem('usage', '--to-key: only --format age seals what it writes');
  if (format === 'maildir') {
    if (to === '-') throw new Problem('usage', '--to -: a Maildir is a folder; name one');
    return maildir(to, isRead);
  }
  if (format === 'mbox') return to === '-' ? mboxOutput() : mboxFile(to);
  const others = await Promise.all(options.toKey.map(loadPublicKey));
  const contentBy = format === 'age' ? ageContent(others) : emlContent;
  if (to === '-' && count > 1)
    throw new Problem('usage', '--to -: only one mail goes there; give one ID, or --format mbox');
  if (to === '-') return standardOutput(contentBy(openHeldMessage));
  const isFile = isOne && !to.endsWith('/') && !(await look(to))?.isDirectory();
  const content = contentBy(openMessage);
  return isFile ? oneFile(to, content) : folderOfFiles(to, format === 'age' ? 'eml.age' : 'eml', content);
}

type Opening = typeof openMessage;

const emlContent = (open: Opening): FileContent =>
  async function* (index, mail) {
    yield* (await open(index, mail)).content;
  };

const ageContent =
  (others: readonly Uint8Array[]) =>
  (open: Opening): FileContent =>
    async function* (index, mail) {
      const file = await AgeFile.begin([mail.identity.publicKey, ...others], random);
      yield file.head;
      for await (const piece of (await open(index, mail)).content) yield* file.write(piece);
      yield file.end();
    };

async function exportAll(
  chosen: Chosen,
  mailbox: ListedMailbox,
  target: Target,
  { json, to }: ExportOptions,
): Promise<void> {
  const progress = new Progress('exporting');
  let octets = 0;
  const counts = { written: 0, before: 0, damaged: 0, expired: 0 };
  try {
    const one = async (listed: ListedMail) => {
      progress.at(octets, chosen.octets);
      octets += listed.size;
      const { id } = listed;
      try {
        const mail = await mailbox.opened(listed);
        if (await target.has(mail)) {
          counts.before++;
          return;
        }
        const file = await target.add(mail, await mailbox.index());
        counts.written++;
        if (json) await print(JSON.stringify({ id, ...(file !== undefined && { file }) }));
      } catch (error) {
        if (error instanceof Expired) counts.expired++;
        else if (error instanceof FormatError) counts.damaged++;
        else throw error;
        say(`obalka: ${error.message} (mail ${id} is left out)`);
        if (error instanceof FormatError) endWith('damage');
      }
    };
    for await (const some of chosen.each()) for (const listed of some) await one(listed);
    await target.end();
  } catch (error) {
    await target.giveUp().catch(() => undefined);
    throw error;
  } finally {
    progress.end();
  }
  const words = [
    `${counted(counts.written, 'mail')} exported${to === '-' ? '' : ` to ${to}`}`,
    counts.before > 0 ? `${counts.before} there before` : '',
    counts.damaged > 0 ? `${counts.damaged} damaged` : '',
    counts.expired > 0 ? `${counts.expired} expired` : '',
  ];
  inform(words.filter(Boolean).join(', '));
}

async function eachNamed(
  opened: OpenMailbox,
  ids: readonly string[],
  isWanted: (mail: ListedMail) => boolean,
): Promise<Chosen['each']> {
  const mails: ListedMail[] = [];
  for (const id of ids)
    for (const mail of await named(opened, id))
      if (isWanted(mail) && mails.every((other) => other.id !== mail.id)) mails.push(mail);
  return () => [mails];
}

/** A mail that is named and cannot be had is said, and the others are exported. */
async function named(opened: OpenMailbox, id: string): Promise<ListedMail[]> {
  try {
    return [await findListed(opened, id)];
  } catch (error) {
    if (error instanceof Problem && error.kind === 'missing') endWith('missing');
    else if (error instanceof FormatError) endWith('damage');
    else throw error;
    say(`obalka: ${error.message}`);
    return [];
  }
}

/** The exit code; damage is worse than what is not there. */
function endWith(what: 'damage' | 'missing'): void {
  process.exitCode = what === 'damage' ? 5 : (process.exitCode ?? 3);
}
