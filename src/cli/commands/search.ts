/** obalka search: the mail in which words stand, newest last. */
import type { Command } from 'commander';
import { Problem } from '../../core/errors.js';
import { rowsInMemory } from '../../reader/cache/sealed-rows.js';
import type { Mail } from '../../reader/mail.js';
import type { Unindexed } from '../../reader/search/indexing.js';
import { parseQuery, type Query, QueryFault } from '../../reader/search/query.js';
import { MailSearch } from '../../reader/search/search.js';
import { WordMaker } from '../../reader/search/word-maker.js';
import type { Identity } from '../../seal/keys.js';
import { cacheOption, openCache } from '../cache-file.js';
import { parseDate } from '../dates.js';
import { type ReadingOptions, withMailbox } from '../journal-reading.js';
import { collect, count, pinsOption } from '../options.js';
import { print, say } from '../output.js';
import { Progress } from '../progress.js';
import { jsonLine, textLine } from './list.js';

interface SearchOptions extends ReadingOptions {
  readonly limit?: number;
  readonly json?: boolean;
  readonly cache?: string;
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
  await withMailbox(options, async (contents, index, _found, changes, journal) => {
    if (contents.faults.length + contents.damaged.length > 0) process.exitCode = 5;
    const words = new WordMaker();
    const mails: Mail[] = [];
    try {
      for (const [identity, own] of byIdentity(contents.mails)) {
        const cache = openCache(options.cache, identity, journal);
        const progress = new Progress('indexing');
        try {
          const searching = new MailSearch({
            mails: own,
            rows: cache ?? rowsInMemory(),
            words,
            content: (mail) => index.content(mail),
            at: (done, total) => progress.at(done, total),
          });
          tell(await searching.update());
          mails.push(...(await searching.find(query, isIn, options.limit)));
        } finally {
          progress.end();
          cache?.close();
        }
      }
    } finally {
      await words.close();
    }
    mails.sort((a, b) => a.receivedAt - b.receivedAt);
    if (mails.length === 0) say('no mail answers');
    const line = options.json ? jsonLine : textLine;
    const last = options.limit === undefined ? mails : mails.slice(-options.limit);
    for (let at = 0; at < last.length; at += linesAtOnce)
      await print(...last.slice(at, at + linesAtOnce).map((mail) => line(mail, changes)));
  });
}

const linesAtOnce = 1000;

/** Each identity has a cache of its own. */
function byIdentity(mails: readonly Mail[]): Map<Identity, Mail[]> {
  const own = new Map<Identity, Mail[]>();
  for (const mail of mails) {
    const same = own.get(mail.identity);
    if (same) same.push(mail);
    else own.set(mail.identity, [mail]);
  }
  return own;
}

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

function between({ since, until }: Query): (mail: Mail) => boolean {
  const from = since === undefined ? Number.NEGATIVE_INFINITY : 1000 * parseDate(since, 'since:');
  const to = until === undefined ? Number.POSITIVE_INFINITY : 1000 * parseDate(until, 'until:');
  return ({ receivedAt }) => from <= receivedAt && receivedAt < to;
}
