/** obalka completion: what a shell needs to know to complete the words of the program. */
import { Argument, type Command } from 'commander';
import { commandTree } from '../command-tree.js';
import { bashCompletion } from '../completion/bash.js';
import { fishCompletion } from '../completion/fish.js';
import { zshCompletion } from '../completion/zsh.js';
import { write } from '../terminal/output.js';

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

export function completionCommand(program: Command): void {
  program
    .command('completion')
    .addArgument(new Argument('<SHELL>', 'the shell that reads it').choices(Object.keys(shells)))
    .description('print what a shell needs to complete the words of obalka')
    .action((shell: keyof typeof shells) => write(shells[shell](commandTree(program))));
}
