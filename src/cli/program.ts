/** The program: its commands, and the help of each. */
import { Command } from 'commander';
import { commandPages, exitCodesOf } from './command-pages.js';
import { addCommands } from './command-table.js';
import { argumentEntry, described, optionEntry } from './command-tree.js';
import { configOption, useConfiguration } from './config/in-use.js';
import { whereSettings } from './config/where.js';
import { takePassphraseOption } from './passphrases.js';
import { bold, hasColour, widthOf } from './terminal.js';
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
    .helpCommand('help [COMMAND]', 'show the help of a command')
    .configureHelp({
      minWidthToWrap: 20,
      styleTitle: (title) => bold(title),
      subcommandTerm: (command) => command.name(),
      optionDescription: (option) => described(optionEntry(option)),
      argumentDescription: (argument) => described(argumentEntry(argument)),
    });
  await addCommands(program, words);
  takePassphraseOption(program);
  takeConfigOption(program);
  sayUsualPlaces(program);
  addPages(program, []);
  return program;
}

/** Has the help of each option that names the variable of a place say where that is without both. */
function sayUsualPlaces(command: Command): void {
  const { data, identity, cache, pins } = whereSettings;
  for (const { variable, usually } of [data, identity, cache, pins])
    for (const option of command.options)
      if (usually !== undefined && option.description.endsWith(`(${variable})`))
        option.defaultValueDescription = usually;
  for (const child of command.commands) sayUsualPlaces(child);
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

/** Examples before the usage of each command; exit codes, and what else there is to read, behind its options. */
function addPages(command: Command, path: readonly string[]): void {
  if (command.commands.length === 0 && !talkative.has(path.join(' ')))
    command.option('--quiet', 'print only data, and what is wrong');
  const page = commandPages[path.join(' ')];
  if (page) {
    const widest = Math.max(...page.examples.map(([line]) => line.length));
    const examples = page.examples.map(
      ([line, what]) => `  ${what ? `${line.padEnd(widest)}  # ${what}` : line}`,
    );
    const codes = exitCodesOf(path.join(' ')).map(
      ([code, meaning]) => `  ${String(code).padEnd(3)} ${meaning}`,
    );
    command.addHelpText('before', ({ error }) => {
      const title = bold('Examples:', error ? process.stderr : process.stdout);
      return `${[title, ...examples].join('\n')}\n`;
    });
    command.addHelpText('after', ({ error }) => {
      const title = (text: string) => bold(text, error ? process.stderr : process.stdout);
      const also = page.seeAlso.map((name) => `obalka ${name}`.trim()).join(', ');
      const widestWord = Math.max(0, ...(page.words?.rows ?? []).map(([word]) => word.length));
      return [
        '',
        ...(page.words ? [title(`${page.words.title}:`)] : []),
        ...(page.words?.rows ?? []).map(([word, meaning]) => `  ${word.padEnd(widestWord)}  ${meaning}`),
        ...(page.words ? [''] : []),
        title('Exit codes:'),
        ...codes,
        ...(also ? ['', `${title('See also:')} ${also}`] : []),
      ].join('\n');
    });
  }
  for (const child of command.commands) addPages(child, [...path, child.name()]);
}
