/** obalka search: the mail in which words stand, newest last. */
import type { Command } from 'commander';
import { Problem } from '../../core/errors.js';
import { append } from '../../core/long-lists.js';
import type { ListedMail } from '../../reader/cache/listed-mail.js';
import { rowsInMemory } from '../../reader/cache/sealed-rows.js';
import type { Faults } from '../../reader/search/indexing.js';
import { knownFields, parseQuery, type Query, QueryFault } from '../../reader/search/query.js';
import { type Asked, MailSearch } from '../../reader/search/search.js';
import { WordMaker } from '../../reader/search/word-maker.js';
import type { Identity } from '../../seal/keys.js';
import { cacheOption } from '../mailbox/cache-file.js';
import { readDate } from '../mailbox/filter-options.js';
import { jsonLine, lineForm, textLine } from '../mailbox/list-lines.js';
import { type MailReadingOptions, type OpenMailbox, withMail } from '../mailbox/mail-reading.js';
import { readState } from '../mailbox/marked-mail.js';
import { collect, count, pinsOption } from '../options.js';
import { counted } from '../terminal/counted.js';
import { inform, say } from '../terminal/output.js';
import { withPager } from '../terminal/pager.js';
import { Progress } from '../terminal/progress.js';

interface SearchOptions extends MailReadingOptions {
  readonly limit?: number;
  readonly json?: boolean;
  readonly pager: boolean;
}

export function searchCommand(program: Command): void {
  program
    .command('search')
    .argument('<WORDS...>', 'all of them stand in the mail; "several words" follow each other')
    .description('list the mail in which words stand, newest last')
    .option('--limit <N>', 'only the last N', count)
    .option('--json', 'one JSON object a line')
    .option('--no-pager', 'write to the terminal itself')
    .option('--identity <FILE>', 'your identity; repeatable (OBALKA_IDENTITY)', collect, [])
    .option('--data <DIR>', 'the data directory, a journal, or a copy of one (OBALKA_DATA)')
    .option(...cacheOption)
    .option(...pinsOption)
    .allowUnknownOption()
    .action((words: readonly string[], options: SearchOptions) => search(words, options));
}

async function search(asking: readonly string[], options: SearchOptions): Promise<void> {
  const query = asked(asking);
  const now = new Date();
  const { since, until } = query;
  const limits = {
    since: since === undefined ? Number.NEGATIVE_INFINITY : readDate(since, 'since:', now).begin,
    until: until === undefined ? Number.POSITIVE_INFINITY : readDate(until, 'until:', now).end,
    limit: options.limit ?? Number.POSITIVE_INFINITY,
  };
  await withMail(options, async (opened) => {
    const { mailbox, identities, changes } = opened;
    if (mailbox.findings.faults.length + mailbox.findings.damaged.length > 0) process.exitCode = 5;
    const words = new WordMaker();
    const found: ListedMail[] = [];
    try {
      for (const identity of identities)
        append(found, await searchOne(opened, identity, words, { ...query, ...limits }));
    } finally {
      await words.close();
    }
    // The sort is stable: mails of one identity and moment stay as they are.
    found.sort((a, b) => a.receivedAt - b.receivedAt);
    if (found.length === 0) inform('no mail answers', ...mistaken(asking));
    const isUnread = readState(opened, false);
    const form = lineForm();
    const line = (mail: ListedMail) =>
      options.json ? jsonLine(mail, changes, isUnread(mail)) : textLine(mail, changes, isUnread(mail), form);
    const last = found.slice(-limits.limit);
    await withPager(options.pager, 'end', async (sink) => {
      for (let at = 0; at < last.length && sink.isOpen; at += linesAtOnce)
        await sink.print(last.slice(at, at + linesAtOnce).map(line));
    });
  });
}

const linesAtOnce = 1000;

/** Each identity has an index of its own. */
async function searchOne(
  { mailbox, rowsOf }: OpenMailbox,
  identity: Identity,
  words: WordMaker,
  asking: Asked,
): Promise<ListedMail[]> {
  const rows = rowsOf(identity);
  // What is written now may be much, and is not to be kept in memory besides.
  rows?.release();
  const progress = new Progress('indexing');
  let read = 0;
  const searching = new MailSearch({
    pages: mailbox.pages.filter((page) => page.identity === identity),
    erased: new Set(mailbox.erased),
    rows: rows ?? rowsInMemory(),
    words,
    content: async function* (mail) {
      // Again and again: the beginning of a thread undoes it.
      if (read++ % 64 === 0) (await import('../memory.js')).keepYoungSmall();
      const { openMessage } = await import('../../reader/export/open-message.js');
      yield* (await openMessage(await mailbox.index(), await mailbox.opened(mail))).content;
    },
    at: (done, total) => progress.at(done, total, (rate) => `${counted(Math.round(rate), 'mail')}/s`),
  });
  try {
    tell(await searching.update());
  } finally {
    progress.end();
  }
  return searching.find(asking);
}

/** What was perhaps meant otherwise than it was taken, where nothing was found. */
function mistaken(asking: readonly string[]): string[] {
  const hints: string[] = [];
  for (const arg of asking) {
    const [, name] = /^-?([A-Za-z]+):./.exec(arg) ?? [];
    if (name !== undefined && !knownFields.includes(name))
      hints.push(`${name}: is no field, and was looked for as a word; fields are ${knownFields.join(', ')}`);
  }
  if (asking.some((arg) => /^(or|and|not)$/i.test(arg)))
    hints.push('all words must stand in a mail; there is no "or" and no "and"; -word is for mail without it');
  const [only] = asking;
  if (asking.length === 1 && hints.length === 0 && /^[\p{L}\p{N}]+$/u.test(only ?? ''))
    hints.push(`only whole words are found; what begins so: obalka search '${only}*'`);
  return hints;
}

/** More than this are only counted. */
const mostTold = 20;

function tell({ faults, damaged }: Faults): void {
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
