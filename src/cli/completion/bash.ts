/** Completion in bash (3.2 and later). */
import { allEntries, type CommandEntry, type OptionEntry, takesNames, type Value } from '../command-tree.js';

/** A script that bash sources. */
export function bashCompletion(program: CommandEntry): string {
  const entries = allEntries(program);
  return `# bash completion of obalka. To use it now: source <(obalka completion bash)
# and for good: obalka completion bash > ~/.local/share/bash-completion/completions/obalka

_obalka() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path= words= options= kind= below= names= at=1
  # Bash takes "--data=x" for three words.
  if [ "$cur" = = ]; then
    cur=
  elif [ "$before" = = ] && [ "$COMP_CWORD" -gt 2 ]; then
    before="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  while [ "$at" -lt "$COMP_CWORD" ]; do
    case "$path \${COMP_WORDS[at]}" in
      ${entries
        .filter(takesNames)
        .map(({ path }) => `' ${path[0]}'`)
        .join(' | ')}) if [ "$at" = 1 ]; then names=1; else path=\${COMP_WORDS[at]}; fi ;;
${entries
  .filter((entry) => entry.path.length > 0 && !takesNames(entry))
  .map(({ path }) => `      '${pathWord(path.slice(0, -1))} ${path.at(-1)}') path='${pathWord(path)}' ;;`)
  .join('\n')}
      *) break ;;
    esac
    at=$((at + 1))
  done
  case "$path $before" in
${entries.flatMap((entry) => entry.options.flatMap((option) => valueCase(entry, option))).join('\n')}
    *)
      case "$path" in
${entries.map((entry) => `        '${pathWord(entry.path)}') ${wordsOf(entry)} ;;`).join('\n')}
      esac
      # What stands behind "man" or "help" is only named.
      if [ -n "$names" ]; then words=$below options=--help kind=; [ -n "$words" ] || kind=any; fi
      if [ "\${cur#-}" != "$cur" ] || [ -z "$kind$words" ]; then kind= words=$options; fi
      ;;
  esac
  local IFS=$'\\n'
  case "$kind" in
    file) COMPREPLY=($(compgen -f -- "$cur")); compopt -o filenames 2>/dev/null ;;
    folder) COMPREPLY=($(compgen -d -- "$cur")); compopt -o filenames 2>/dev/null ;;
    any) COMPREPLY=() ;;
    *) COMPREPLY=($(compgen -W "\${words// /$IFS}" -- "$cur")) ;;
  esac
}
complete -F _obalka obalka
`;
}

function pathWord(path: readonly string[]): string {
  return path.join('/');
}

/** What completes the value of an option. One that may stand without a value may be followed by anything. */
function valueCase(entry: CommandEntry, { names, value, isOptional }: OptionEntry): string[] {
  if (!value || isOptional) return [];
  return [
    `    ${names.map((name) => `'${pathWord(entry.path)} ${name}'`).join(' | ')}) ${valueWords(value)} ;;`,
  ];
}

function valueWords(value: Value): string {
  return value.kind === 'words' ? `words='${value.words.join(' ')}'` : `kind=${value.kind}`;
}

/** What may stand where no option wants a value: options, commands, words and files of arguments. */
function wordsOf({ options, commands, arguments: taken }: CommandEntry): string {
  const fixed = taken.flatMap(({ value }) => (value.kind === 'words' ? value.words : []));
  const files = taken.find(({ value }) => value.kind === 'file' || value.kind === 'folder');
  const below = commands.map(({ path }) => path.at(-1) ?? '').join(' ');
  const words = [below, ...fixed].filter((word) => word !== '').join(' ');
  const long = options.flatMap(({ names }) => names.filter((name) => name.startsWith('--'))).join(' ');
  return `words='${words}' options='${long}' below='${below}'${files ? ` kind=${files.value.kind}` : ''}`;
}
