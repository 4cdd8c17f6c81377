/** obalka demo: the tour. */
import type { Command } from 'commander';

export function demoCommand(program: Command): void {
  program
    .command('demo')
    .description('the tour')
    .action(() => undefined);
}
