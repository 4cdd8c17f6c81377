/** Completion in fish. */
import { type CommandEntry, type OptionEntry, takesNames, type Value } from '../command-tree.js';

/** A script that fish sources. */
export function fishCompletion(program: CommandEntry): string {
  return `# fish completion of obalka. To use it now: obalka completion fish | source
# and for good: obalka completion fish > ~/.config/fish/completions/obalka.fish

complete -c obalka -f
${lines(program).join('\n')}
`;
}

function lines(entry: CommandEntry): string[] {
  const here = entry.path.length === 0 ? '__fish_use_subcommand' : seen(entry);
  const where = ` -n ${quoted(here)}`;
  return [
    ...entry.commands.map(
      ({ path, description }) => `complete -c obalka${where} -a ${path.at(-1)} -d ${quoted(description)}`,
    ),
    ...entry.options.map((option) => `complete -c obalka${where}${optionWords(option)}`),
    ...entry.arguments
      .filter(({ value }) => value.kind !== 'any')
      .map(({ value }) => `complete -c obalka -n ${quoted(taking(entry))}${valueWords(value, '')}`),
    ...entry.commands.flatMap(lines),
  ];
}

/** True where the arguments of a command stand: not where "man" or "help" only name it, nor behind what they name. */
function taking(entry: CommandEntry): string {
  const here = entry.path.length === 0 ? '__fish_use_subcommand' : seen(entry);
  if (takesNames(entry)) return `${here}; and test (count (commandline -opc)) -eq 2`;
  return entry.path.at(-1) === 'help' ? here : `${here}; and not __fish_seen_subcommand_from man help`;
}

/** True where the words of a command were typed, and none of a command below it. */
function seen({ path, commands }: CommandEntry): string {
  const all = path.map((word) => `__fish_seen_subcommand_from ${word}`);
  const below = commands.map((command) => command.path.at(-1) ?? '').join(' ');
  return [...all, ...(below ? [`not __fish_seen_subcommand_from ${below}`] : [])].join('; and ');
}

function optionWords({ names, description, value, isOptional }: OptionEntry): string {
  const flags = names.map((name) =>
    name.startsWith('--') ? ` -l ${name.slice(2)}` : ` -s ${name.slice(1)}`,
  );
  const takes = !value || isOptional ? '' : valueWords(value, ' -x', ' -r');
  return `${flags.join('')} -d ${quoted(description)}${takes}`;
}

/** `-F` for files; words and folders are completed instead of files. */
function valueWords(value: Value, alone: string, withFiles = ''): string {
  if (value.kind === 'words') return `${alone} -a ${quoted(value.words.join(' '))}`;
  if (value.kind === 'file') return `${withFiles} -F`;
  return value.kind === 'folder' ? `${alone} -a '(__fish_complete_directories)'` : alone;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
