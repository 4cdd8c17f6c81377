/** obalka init: makes a data directory, and says what comes next. */
import type { Command } from 'commander';
import { dataDirectory, initialise } from '../data/data-directory.js';
import { pepperHelp } from '../options.js';
import { afterInit } from '../terminal/next-steps.js';
import { inform } from '../terminal/output.js';

export function initCommand(program: Command): void {
  program
    .command('init')
    .description('make the data directory (again does nothing)')
    .option('--data <DIR>', 'where the data is kept (OBALKA_DATA)')
    .option('--pepper <FILE>', pepperHelp)
    .option('--new-registry', 'make an empty registry where it is gone, and no copy of it is left')
    .action(async (options: { data?: string; pepper?: string; newRegistry?: true }) => {
      const data = dataDirectory(options.data, options.pepper);
      const { made } = await initialise(data, { newRegistry: options.newRegistry === true });
      inform(`${data.path}: ${made ? 'ready' : 'was ready already'}`);
      await afterInit(options.data);
    });
}
