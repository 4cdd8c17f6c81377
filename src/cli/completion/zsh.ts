/** Completion in zsh. */
import {
  type ArgumentEntry,
  allEntries,
  type CommandEntry,
  type OptionEntry,
  takesNames,
  type Value,
} from '../command-tree.js';

/** A file named _obalka, for a folder in fpath; or to be sourced after compinit. */
export function zshCompletion(program: CommandEntry): string {
  return `#compdef obalka
# zsh completion of obalka. To use it now: source <(obalka completion zsh)
# and for good: obalka completion zsh > _obalka, in a folder that is in fpath

${allEntries(program).map(commandFunction).join('\n')}
${namesFunction(program)}if [ "$funcstack[1]" = _obalka ]; then _obalka "$@"; else compdef _obalka obalka; fi
`;
}

function functionName(path: readonly string[]): string {
  return ['_obalka', ...path].join('_').replaceAll('-', '_');
}

function commandFunction(entry: CommandEntry): string {
  const options = entry.options.map(optionWord);
  const taken = takesNames(entry) ? [quoted('*:COMMAND:_obalka_names')] : entry.arguments.map(argumentWord);
  const name = functionName(entry.path);
  if (entry.commands.length === 0)
    return `${name}() {\n  _arguments -s -S ${[...options, ...taken].join(' \\\n    ')}\n}\n`;
  const commands = entry.commands.map(({ path, description }) =>
    quoted(`${escaped(path.at(-1) ?? '')}:${description}`),
  );
  const cases = entry.commands.map(({ path }) => `    ${path.at(-1)}) ${functionName(path)} ;;`);
  return `${name}() {
  local line state
  _arguments -C ${options.join(' \\\n    ')} \\
    '1:command:->command' '*::word:->word'
  case $state in
  command)
    local -a commands=(
      ${commands.join('\n      ')}
    )
    _describe command commands ;;
  word)
    case $line[1] in
${cases.join('\n')}
    esac ;;
  esac
}
`;
}

/** Names of commands, one below the other. */
function namesFunction(program: CommandEntry): string {
  const cases = allEntries(program)
    .filter(({ commands }) => commands.length > 0)
    .map(
      ({ path, commands }) =>
        `    ${quoted(path.join('/'))}) compadd -- ${commands.map((one) => one.path.at(-1)).join(' ')} ;;`,
    );
  return `_obalka_names() {
  case "\${(j:/:)words[2,CURRENT-1]}" in
${cases.join('\n')}
  esac
}
`;
}

/** `*--identity[what it is]:FILE:_files`; any option may come again, as far as completion goes. */
function optionWord({ names, description, placeholder, value, isOptional }: OptionEntry): string {
  const takes = value
    ? `:${isOptional ? ':' : ''}${escaped(placeholder.replace(/[<>[\].]/g, ''))}:${action(value)}`
    : '';
  const says = `[${description.replace(/[[\]\\]/g, '\\$&')}]`;
  return names
    .map((name) =>
      quoted(`*${name}${value && !isOptional && name.startsWith('--') ? '=' : ''}${says}${takes}`),
    )
    .join(' ');
}

function argumentWord({ name, value, isVariadic }: ArgumentEntry, at: number): string {
  return quoted(`${isVariadic ? '*' : at + 1}:${escaped(name)}:${action(value)}`);
}

function action(value: Value): string {
  if (value.kind === 'words') return `(${value.words.join(' ')})`;
  return { file: '_files', folder: '_files -/', any: ' ' }[value.kind];
}

function escaped(text: string): string {
  return text.replace(/[:\\]/g, '\\$&');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
