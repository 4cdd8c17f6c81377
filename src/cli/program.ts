/** The program: its commands, and the help of each. */
import { Command } from 'commander';
import { addCommands } from './command-table.js';
import { configOption, useConfiguration } from './config/in-use.js';
import { takePassphraseOption } from './keys/passphrases.js';
import { hasColour, widthOf } from './terminal/terminal.js';
import { versionOf } from './version.js';

/** The program with what the words of a command line ask for; with no words, with all commands. */
export async function makeProgram(words: readonly string[] = []): Promise<Command> {
  const program = new Command('obalka')
    // What stands behind a command is the command's: "search -V…" is a word.
    .enablePositionalOptions()
    .description('a mail server that cannot read the mail it keeps')
    .version(versionOf(), '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      // What is wrong is said by whoever runs the program, in one line.
      outputError: () => {},
      getOutHasColors: () => hasColour(process.stdout),
      getErrHasColors: () => hasColour(process.stderr),
      getOutHelpWidth: () => widthOf(process.stdout),
      getErrHelpWidth: () => widthOf(process.stderr),
    })
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [COMMAND]', 'show the help of a command');
  await addCommands(program, words);
  takePassphraseOption(program);
  takeConfigOption(program);
  takeQuietOption(program, []);
  // What help says is loaded only for who may ask for it.
  if (mayNeedHelp(program, words)) (await import('./program-help.js')).addHelp(program);
  return program;
}

/** Whether help may be shown: it is asked for, or the words name no command that does something. */
function mayNeedHelp(program: Command, words: readonly string[]): boolean {
  const { command } = namedCommand(program, words);
  return command.commands.length > 0 || words.some((word) => /^-[^-]*h|^--h/.test(word));
}

/** Options of commands that the configuration may speak for. */
const configured = new Set(['--data', '--identity', '--cache', '--pins']);

/** Adds --config to each command that has one of them, and has it find its configuration before it does anything. */
function takeConfigOption(command: Command): void {
  for (const child of command.commands) takeConfigOption(child);
  const names = command.options.map(({ long }) => long ?? '');
  if (!names.some((name) => configured.has(name)) || names.includes('--config')) return;
  command
    .option(...configOption)
    .hook('preAction', () => useConfiguration(command.opts<{ config?: string }>().config));
}

/** The command that the words name, its path, and the first word that names none where there should be one. */
export function namedCommand(
  program: Command,
  words: readonly string[],
): { command: Command; path: string; unknown: string | undefined } {
  let [command, path] = [program, 'obalka'];
  for (const word of words) {
    if (command.commands.length === 0) break;
    const next = command.commands.find((child) => child.name() === word);
    if (!next) return { command, path, unknown: word.startsWith('-') ? undefined : word };
    [command, path] = [next, `${path} ${word}`];
  }
  return { command, path, unknown: undefined };
}

/** Commands that have nothing to keep back. */
const talkative = new Set(['completion', 'demo', 'man']);

function takeQuietOption(command: Command, path: readonly string[]): void {
  if (command.commands.length === 0 && !talkative.has(path.join(' ')))
    command.option('--quiet', 'print only data, and what is wrong');
  for (const child of command.commands) takeQuietOption(child, [...path, child.name()]);
}
