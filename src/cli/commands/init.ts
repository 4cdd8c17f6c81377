/** obalka init: makes a data directory, and says what comes next. */
import type { Command } from 'commander';
import { dataDirectory, initialise } from '../data/data-directory.js';
import { pepperHelp } from '../options.js';
import { afterInit } from '../terminal/next-steps.js';
import { inform, say } from '../terminal/output.js';

export function initCommand(program: Command): void {
  program
    .command('init')
    .description('make the data directory (again does nothing)')
    .option('--data <DIR>', 'where the data is kept (OBALKA_DATA)')
    .option('--pepper <FILE>', pepperHelp)
    .action(async (options: { data?: string; pepper?: string }) => {
      const data = dataDirectory(options.data, options.pepper);
      const { made, lostRegistry } = await initialise(data);
      if (lostRegistry)
        say(
          `${data.registry}: was gone, and is made anew: no address has a key until it is registered again`,
        );
      inform(`${data.path}: ${made ? 'ready' : 'was ready already'}`);
      await afterInit(options.data);
    });
}
