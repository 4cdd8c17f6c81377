/** obalka init: makes a data directory, and says what comes next. */
import type { Command } from 'commander';
import { dataDirectory, initialise } from '../data-directory.js';
import { say } from '../output.js';
import { shellWord } from '../shell-word.js';

export function initCommand(program: Command): void {
  program
    .command('init')
    .description('make the data directory (again does nothing)')
    .option('--data <DIR>', 'where the data is kept (OBALKA_DATA)')
    .action(async (options: { data?: string }) => {
      const data = dataDirectory(options.data);
      const { made, lostRegistry } = await initialise(data);
      if (lostRegistry)
        say(
          `${data.registry}: was gone, and is made anew: no address has a key until it is registered again`,
        );
      const at = options.data ? ` --data ${shellWord(options.data)}` : '';
      say(
        `${data.path}: ${made ? 'ready' : 'was ready already'}`,
        'Next, for every mailbox and its public key, and then the server:',
        `  obalka register you@example.org --key FILE.pub${at}`,
        `  obalka serve --listen 127.0.0.1:2525${at}`,
      );
    });
}
