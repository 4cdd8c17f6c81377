/** obalka alias: mail for one address goes to the keys of others. */
import type { Command } from 'commander';
import { Problem } from '../../core/errors.js';
import type { Administration } from '../../server/administration.js';
import { administer } from '../data/administer.js';
import { dataDirectory } from '../data/data-directory.js';
import { inform } from '../terminal/output.js';
import { toldLines } from '../terminal/told-lines.js';

export function aliasCommand(program: Command): void {
  program
    .command('alias')
    .argument('<ADDRESS>', 'a mailbox, *@domain for all others of a domain, or * for all others')
    .argument('[TARGET...]', 'mailboxes that have keys, or are aliases themselves')
    .option('--remove', 'take these targets away, or all if none is named')
    .option('--data <DIR>', 'where the data is kept (OBALKA_DATA)')
    .description('seal mail for an address to the keys of others')
    .action(async (address: string, targets: string[], options: { remove?: true; data?: string }) => {
      const data = dataDirectory(options.data);
      if (options.remove) {
        const some = targets.length > 0 ? { targets } : {};
        const { count, told } = (await administer(data, {
          command: 'remove-targets',
          address,
          ...some,
        })) as Awaited<ReturnType<Administration['removeTargets']>>;
        if (count === 0)
          throw new Problem(
            'missing',
            `${address}: ${targets.length > 0 ? 'no such target' : 'is no alias'}; nothing was changed`,
          );
        inform(`${address}: ${inWords(count)} removed`, ...toldLines(address, told));
        return;
      }
      if (targets.length === 0)
        throw new Problem('usage', `alias ${address}: name a target, or --remove; see "obalka alias --help"`);
      const { count, told } = (await administer(data, { command: 'alias', address, targets })) as Awaited<
        ReturnType<Administration['alias']>
      >;
      inform(
        `${address}: ${count === 0 ? 'had these targets; nothing was changed' : `${inWords(count)} added`}`,
        ...toldLines(address, told),
      );
    });
}

function inWords(targets: number): string {
  return targets === 1 ? '1 target' : `${targets} targets`;
}
