/** obalka retain: drops segments in which all mail is older than an age. */
import type { Command } from 'commander';
import { Problem } from '../../core/errors.js';
import { parseAge } from '../../server/retention.js';
import { administer, type Retained } from '../data/administer.js';
import { dataDirectory } from '../data/data-directory.js';
import { size } from '../mailbox/shown-size.js';
import { inform, print } from '../terminal/output.js';

interface RetainOptions {
  readonly olderThan: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly data?: string;
}

export function retainCommand(program: Command): void {
  program
    .command('retain')
    .description('drop old mail for good, segment by segment')
    .requiredOption('--older-than <AGE>', 'such as 90d, 12w or 2y')
    .option('--dry-run', 'only say what would be dropped')
    .option('--force', 'also if the clock stands far ahead of the newest segment')
    .option('--json', 'one JSON object a line')
    .option('--data <DIR>', 'where the data is kept (OBALKA_DATA)')
    .action(async (options: RetainOptions) => {
      const { segments, farAhead } = (await administer(dataDirectory(options.data), {
        command: 'retain',
        age: parseAge(options.olderThan),
        dryRun: options.dryRun === true,
        force: options.force === true,
      })) as Retained;
      if (farAhead && !options.force && !options.dryRun && segments.length > 0)
        throw new Problem(
          'failure',
          'the clock stands more than 60 days ahead of the newest segment; nothing was dropped: if the clock is right, give --force',
        );
      for (const one of segments) await print(options.json ? JSON.stringify(one) : describe(one));
      const octets = segments.reduce((sum, one) => sum + one.octets, 0);
      const what = segments.length === 1 ? '1 segment' : `${segments.length} segments`;
      inform(
        segments.length === 0
          ? 'nothing is that old: a segment goes when all of its mail is older, and a week for mail that was under way'
          : `${what}, ${size(octets).trim()} octets ${options.dryRun ? 'would be dropped' : 'dropped for good'}`,
      );
    });
}

function describe({ lane, segment, week, octets }: Retained['segments'][number]): string {
  return `lane ${lane.slice(0, 8)}, segment ${segment}, begun in ${week}, ${size(octets).trim()} octets`;
}
