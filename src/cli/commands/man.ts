/** obalka man: the manual page of a command. */
import type { Command } from 'commander';
import { Problem } from '../../core/errors.js';
import { allEntries, commandTree } from '../command-tree.js';
import { manPage } from '../man-page.js';
import { write } from '../terminal/output.js';

export function manCommand(program: Command): void {
  program
    .command('man')
    .argument('[COMMAND...]', 'a command; without one, the program itself')
    .description('print the manual page of a command, as man reads it')
    .action((words: readonly string[]) => {
      const entries = allEntries(commandTree(program));
      const entry = entries.find(({ path }) => path.join(' ') === words.join(' '));
      if (!entry)
        throw new Problem(
          'missing',
          `${words.join(' ')}: there is no such command; "obalka --help" names all`,
        );
      return write(manPage(entry));
    });
}
