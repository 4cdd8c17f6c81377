/** obalka search: the mail in which words stand, newest last. */
import type { Command } from 'commander';
import { Problem } from '../../core/errors.js';
import type { ListedMail } from '../../reader/cache/listed-mail.js';
import type { ListedMailbox } from '../../reader/cache/listed-mailbox.js';
import { rowsInMemory } from '../../reader/cache/sealed-rows.js';
import type { Unindexed } from '../../reader/search/indexing.js';
import { parseQuery, type Query, QueryFault } from '../../reader/search/query.js';
import { MailSearch } from '../../reader/search/search.js';
import { WordMaker } from '../../reader/search/word-maker.js';
import type { Identity } from '../../seal/keys.js';
import { cacheOption } from '../cache-file.js';
import { parseDate } from '../dates.js';
import { jsonLine, lineForm, textLine } from '../list-lines.js';
import { type MailReadingOptions, withMail } from '../mail-reading.js';
import { readState } from '../marked-mail.js';
import { collect, count, pinsOption } from '../options.js';
import { print, say } from '../output.js';
import { Progress } from '../progress.js';

interface SearchOptions extends MailReadingOptions {
  readonly limit?: number;
  readonly json?: boolean;
}

export function searchCommand(program: Command): void {
  program
    .command('search')
    .argument('<WORDS...>', 'all of them stand in the mail; "several words" follow each other')
    .description('list the mail in which words stand, newest last')
    .option('--limit <N>', 'only the last N', count)
    .option('--json', 'one JSON object a line')
    .option('--identity <FILE>', 'your identity; repeatable (OBALKA_IDENTITY)', collect, [])
    .option('--data <DIR>', 'the data directory, a journal, or a copy of one (OBALKA_DATA)')
    .option(...cacheOption)
    .option(...pinsOption)
    .allowUnknownOption()
    .action((words: readonly string[], options: SearchOptions) => search(words, options));
}

async function search(asking: readonly string[], options: SearchOptions): Promise<void> {
  const query = asked(asking);
  const isIn = between(query);
  await withMail(options, async (opened) => {
    const { mailbox, changes, rowsOf } = opened;
    if (mailbox.findings.faults.length + mailbox.findings.damaged.length > 0) process.exitCode = 5;
    const isUnread = readState(opened, false);
    const own = new Map<Identity, ListedMail[]>();
    for await (const some of mailbox.oldestFirst())
      for (const mail of some) {
        const same = own.get(mail.identity);
        if (same) same.push(mail);
        else own.set(mail.identity, [mail]);
      }
    const words = new WordMaker();
    const found: ListedMail[] = [];
    try {
      for (const [identity, mails] of own) {
        const rows = rowsOf(identity);
        // All mails were read from it; what is put from here on need not be kept in memory.
        rows?.release();
        const progress = new Progress('indexing');
        try {
          const searching = new MailSearch({
            mails,
            rows: rows ?? rowsInMemory(),
            words,
            content: (mail) => contentOf(mailbox, mail),
            at: (done, total) => progress.at(done, total),
          });
          tell(await searching.update());
          found.push(...(await searching.find(query, isIn, options.limit)));
        } finally {
          progress.end();
        }
      }
    } finally {
      await words.close();
    }
    found.sort((a, b) => a.receivedAt - b.receivedAt);
    if (found.length === 0) say('no mail answers');
    const form = lineForm();
    const line = (mail: ListedMail) =>
      options.json ? jsonLine(mail, changes, isUnread(mail)) : textLine(mail, changes, isUnread(mail), form);
    const last = options.limit === undefined ? found : found.slice(-options.limit);
    for (let at = 0; at < last.length; at += linesAtOnce)
      await print(...last.slice(at, at + linesAtOnce).map(line));
  });
}

async function* contentOf(mailbox: ListedMailbox, mail: ListedMail): AsyncGenerator<Uint8Array> {
  yield* mailbox.index.content(await mailbox.opened(mail));
}

const linesAtOnce = 1000;

/** More than this are only counted. */
const mostTold = 20;

function tell({ faults, damaged }: Unindexed): void {
  const lines = [
    ...damaged.map(
      ({ mail, error }) => `obalka: ${error.message} (mail ${mail.id}); it is found by its envelope alone`,
    ),
    ...faults.map(
      ({ mail, fault }) =>
        `obalka: ${mail.id}: this message cannot be taken apart: ${fault}; it is found by its header alone`,
    ),
  ];
  if (damaged.length > 0) process.exitCode = 5;
  if (lines.length > 0) say(...lines.slice(0, mostTold));
  if (lines.length > mostTold) say(`obalka: and ${lines.length - mostTold} more`);
}

function asked(words: readonly string[]): Query {
  const option = words.find((word) => word.startsWith('--'));
  if (option !== undefined)
    throw new Problem('usage', `unknown option ${option}; see "obalka search --help"`);
  try {
    return parseQuery(words);
  } catch (error) {
    if (error instanceof QueryFault) throw new Problem('usage', error.message);
    throw error;
  }
}

function between({ since, until }: Query): (mail: ListedMail) => boolean {
  const from = since === undefined ? Number.NEGATIVE_INFINITY : 1000 * parseDate(since, 'since:');
  const to = until === undefined ? Number.POSITIVE_INFINITY : 1000 * parseDate(until, 'until:');
  return ({ receivedAt }) => from <= receivedAt && receivedAt < to;
}
