/** Manual pages: roff (the man macros) of one command, from the same table as its help. */
import { commandPages, exitCodesOf } from './command-pages.js';
import { type ArgumentEntry, type CommandEntry, described, type OptionEntry } from './command-tree.js';

/** The name of a command's page: `obalka-key-new`. */
export function manName(path: readonly string[]): string {
  return ['obalka', ...path].join('-');
}

/** The page, section 1. */
export function manPage(entry: CommandEntry): string {
  const name = manName(entry.path);
  const page = commandPages[entry.path.join(' ')];
  const taken = [
    ...(entry.commands.length > 0 ? ['\\fICOMMAND\\fR'] : []),
    ...entry.arguments.map(({ shown }) => roff(shown)),
    ...(entry.options.length > 0 ? ['[\\fIOPTION\\fR]...'] : []),
  ];
  const also = [
    ...(entry.path.length === 0 ? [] : [manName(entry.path.slice(0, -1))]),
    ...(page?.seeAlso ?? []).map((other) => manName(other.split(' ').filter((word) => word !== ''))),
    ...entry.commands.filter(({ path }) => path.at(-1) !== 'help').map(({ path }) => manName(path)),
  ];
  return [
    `.TH "${roff(name.toUpperCase())}" "1" "" "obalka" "User Commands"`,
    // Words are not cut, and lines not stretched: what stands here is typed.
    '.nh',
    '.ad l',
    '.SH NAME',
    `${roff(name)} \\- ${roff(entry.description)}`,
    '.SH SYNOPSIS',
    `\\fB${roff(['obalka', ...entry.path].join(' '))}\\fR ${taken.join(' ')}`,
    ...section('EXAMPLES', (page?.examples ?? []).flatMap(example)),
    ...section('COMMANDS', entry.commands.flatMap(commandLines)),
    ...section('ARGUMENTS', entry.arguments.flatMap(argumentLines)),
    ...section('OPTIONS', entry.options.flatMap(optionLines)),
    ...section((page?.words?.title ?? '').toUpperCase(), (page?.words?.rows ?? []).flatMap(wordLines)),
    ...section('EXIT STATUS', page ? exitCodesOf(entry.path.join(' ')).flatMap(codeLines) : []),
    ...section('SEE ALSO', also.length > 0 ? [[...new Set(also)].map(reference).join(', ')] : []),
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length > 0 ? [`.SH "${title}"`, ...lines] : [];
}

function example([line, what]: readonly [string, string?]): string[] {
  return [
    ...(what ? ['.PP', roff(`${what[0]?.toUpperCase()}${what.slice(1)}:`)] : []),
    '.PP',
    '.RS 4',
    '.nf',
    roff(line),
    '.fi',
    '.RE',
  ];
}

function commandLines({ path, description }: CommandEntry): string[] {
  return ['.TP', `\\fB${roff(path.at(-1) ?? '')}\\fR`, roff(description)];
}

function argumentLines(entry: ArgumentEntry): string[] {
  return ['.TP', `\\fI${roff(entry.shown)}\\fR`, roff(described(entry))];
}

function optionLines(entry: OptionEntry): string[] {
  const { names, placeholder } = entry;
  const shown = names.map((name) => `\\fB${roff(name)}\\fR`).join(', ');
  return ['.TP', placeholder ? `${shown} \\fI${roff(placeholder)}\\fR` : shown, roff(described(entry))];
}

function wordLines([word, meaning]: readonly [string, string]): string[] {
  return ['.TP', `\\fB${roff(word)}\\fR`, roff(meaning)];
}

function codeLines([code, meaning]: readonly [number, string]): string[] {
  return ['.TP', `\\fB${code}\\fR`, roff(meaning)];
}

function reference(name: string): string {
  return `\\fB${roff(name)}\\fR(1)`;
}

/** Text as roff prints it: nothing in it is a request, and a hyphen stays one, so that it can be copied. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\(rs')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('"', '\\(dq')
    .replaceAll('`', '\\(ga')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replaceAll('…', '...')
    .replace(/^\./, '\\&.');
}
