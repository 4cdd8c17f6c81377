/** Program's help: how it is laid out, and what stands in it before and behind the options of each command. */
import type { Command, HelpConfiguration } from 'commander';
import { commandPages, exitCodesOf } from './command-pages.js';
import { argumentEntry, described, optionEntry } from './command-tree.js';
import { whereSettings } from './config/where.js';
import { bold } from './terminal/terminal.js';

const form: HelpConfiguration = {
  minWidthToWrap: 20,
  styleTitle: (title) => bold(title),
  subcommandTerm: (command) => command.name(),
  optionDescription: (option) => described(optionEntry(option)),
  argumentDescription: (argument) => described(argumentEntry(argument)),
};

/** Gives a program its help, when all its commands are there. */
export function addHelp(program: Command): void {
  sayUsualPlaces(program);
  addPages(program, []);
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

/** Examples before the usage of each command; exit codes, and what else there is to read, behind its options. */
function addPages(command: Command, path: readonly string[]): void {
  command.configureHelp(form);
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
