/** obalka alias: mail for one address goes to the keys of others. */
import type { Command } from 'commander';
import { Problem } from '../../core/errors.js';
import { administer } from '../administer.js';
import { dataDirectory } from '../data-directory.js';
import { say } from '../output.js';

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
        const removed = await administer(data, { command: 'remove-targets', address, ...some });
        if (removed === 0)
          throw new Problem(
            'missing',
            `${address}: ${targets.length > 0 ? 'no such target' : 'is no alias'}; nothing was changed`,
          );
        say(`${address}: ${count(Number(removed))} removed`);
        return;
      }
      if (targets.length === 0)
        throw new Problem('usage', `alias ${address}: name a target, or --remove; see "obalka alias --help"`);
      const added = Number(await administer(data, { command: 'alias', address, targets }));
      say(`${address}: ${added === 0 ? 'had these targets; nothing was changed' : `${count(added)} added`}`);
    });
}

function count(targets: number): string {
  return targets === 1 ? '1 target' : `${targets} targets`;
}
