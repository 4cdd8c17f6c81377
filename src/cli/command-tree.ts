/** Command tree: what the program's commands take, as plain values, for help, completion and man pages. */
import { homedir } from 'node:os';
import type { Argument, Command, Option } from 'commander';

/** What stands in the place of a value: one of some words, a file, a folder, or anything. */
export type Value =
  | {
      readonly kind: 'words';
      readonly words: readonly string[] /** Names of commands, which help lists elsewhere. */;
      readonly areNames?: true;
    }
  | { readonly kind: 'file' | 'folder' | 'any' };

export interface OptionEntry {
  /** `--limit`, or `-V`. */
  readonly names: readonly string[];
  readonly description: string;
  /** `<N>`, `[FILE]`, or nothing. */
  readonly placeholder: string;
  /** Undefined for a switch. */
  readonly value: Value | undefined;
  /** Whether it may stand without its value. */
  readonly isOptional: boolean;
  /** What it is without being given; nothing where that is not worth a word. */
  readonly usual: string;
}

export interface ArgumentEntry {
  /** `ID`, with what shows that it may be left out or repeated: `[ID...]`. */
  readonly name: string;
  readonly shown: string;
  readonly description: string;
  readonly value: Value;
  readonly isVariadic: boolean;
  readonly usual: string;
}

export interface CommandEntry {
  /** The words after `obalka`; none for the program itself. */
  readonly path: readonly string[];
  readonly description: string;
  readonly options: readonly OptionEntry[];
  readonly arguments: readonly ArgumentEntry[];
  readonly commands: readonly CommandEntry[];
}

/** The tree below a command; as the program's own, all of it. `beside` are the names of the commands that stand beside it. */
export function commandTree(
  command: Command,
  path: readonly string[] = [],
  beside: readonly string[] = [],
): CommandEntry {
  const help = command.createHelp();
  // The command "help" is one of them where there are any.
  const children = help.visibleCommands(command);
  const names = children.map((child) => child.name());
  return {
    path,
    description: command.description(),
    options: help.visibleOptions(command).map(optionEntry),
    arguments: command.registeredArguments.map((argument) => {
      const entry = argumentEntry(argument);
      return entry.name === 'COMMAND'
        ? { ...entry, value: { kind: 'words', words: beside, areNames: true } }
        : entry;
    }),
    commands: children.map((child) => commandTree(child, [...path, child.name()], names)),
  };
}

/** A command and all below it, itself first. */
export function allEntries(entry: CommandEntry): CommandEntry[] {
  return [entry, ...entry.commands.flatMap(allEntries)];
}

/** Whether a command takes the names of commands, one below the other: `man key new`. */
export function takesNames({ path, arguments: taken }: CommandEntry): boolean {
  return path.length === 1 && taken.some(({ value }) => value.kind === 'words' && value.areNames);
}

/** What an option or an argument is, with the words that it takes and what it is without being given. */
export function described({ description, value, usual }: OptionEntry | ArgumentEntry): string {
  const words = value?.kind === 'words' && !value.areNames ? [value.words.join(', ')] : [];
  const more = [...words, ...(usual ? [`default: ${usual}`] : [])];
  if (more.length === 0) return description;
  // What stands in brackets already gets no second pair.
  const [, before = description, inside] = /^(.*) \(([^()]*)\)$/.exec(description) ?? [];
  return `${before} (${[...(inside === undefined ? [] : [inside]), ...more].join('; ')})`;
}

export function optionEntry(option: Option): OptionEntry {
  const placeholder = / (.*)$/.exec(option.flags.replace(/^-\w, /, ''))?.[1] ?? '';
  return {
    names: [option.short, option.long].filter((name) => name !== undefined && name !== null),
    description: option.description,
    placeholder,
    value: placeholder === '' ? undefined : valueAt(placeholder, option.argChoices),
    isOptional: option.optional,
    usual: usualOf(option.defaultValue, option.defaultValueDescription),
  };
}

export function argumentEntry(argument: Argument): ArgumentEntry {
  const name = argument.name();
  const dots = argument.variadic ? '...' : '';
  return {
    name,
    shown: argument.required ? `<${name}${dots}>` : `[${name}${dots}]`,
    description: argument.description,
    value: valueAt(name, argument.argChoices),
    isVariadic: argument.variadic,
    usual: usualOf(argument.defaultValue, argument.defaultValueDescription),
  };
}

/** A page is not only for the machine on which it is written: the home folder is ~ in it. */
function usualOf(value: unknown, description: string | undefined): string {
  const usual = description ?? (typeof value === 'string' || typeof value === 'number' ? String(value) : '');
  return usual.replace(homedir(), '~');
}

function valueAt(placeholder: string, choices: readonly string[] | undefined): Value {
  if (choices) return { kind: 'words', words: choices };
  const words = placeholder.replace(/[<>[\].]/g, '').split('|');
  if (words.some((word) => word === 'FILE' || word === 'PATH')) return { kind: 'file' };
  return { kind: words.some((word) => word === 'DIR' || word === 'COPY') ? 'folder' : 'any' };
}
