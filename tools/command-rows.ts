/** Rows of the table of all commands in spec/commands.md. */
import type { CommandEntry } from '../src/cli/command-tree.js';

/** Options that the specification describes for all commands at once. */
const common = new Set(['--help', '--version', '--quiet', '--passphrase-fd', '--config']);

const heading = '## All commands';
/** What stands between the heading and the first row. */
const before = /\n\n(?:[^|\n].*\n+)*\| command \|.*\n\|[-|]+\n/;

/** A row for each command that does something. */
export function commandRows(entries: readonly CommandEntry[]): string[] {
  return entries
    .filter(({ commands, path }) => commands.length === 0 && path.at(-1) !== 'help')
    .map((entry) => {
      const taken = entry.arguments.map(({ shown }) => shown.replace('...', '…').replace(/[<>]/g, ''));
      const options = entry.options.flatMap(({ names }) =>
        names.filter((name) => name.startsWith('--') && !common.has(name)),
      );
      const cells = [
        `\`${[...entry.path, ...taken].join(' ')}\``,
        entry.description,
        options.map((option) => `\`${option}\``).join(' '),
      ];
      return `| ${cells.join(' | ')} |`.replace(/ {2}\|$/, ' |');
    });
}

/** The page split at the rows of its table. */
export function splitAtRows(page: string): { above: string; rows: string[]; below: string } {
  const at = page.indexOf(heading);
  const found = before.exec(page.slice(at));
  if (at < 0 || !found) throw new Error(`no table under "${heading}"`);
  const begin = at + found.index + found[0].length;
  const end = page.indexOf('\n\n', begin) + 1;
  return {
    above: page.slice(0, begin),
    rows: page.slice(begin, end).trimEnd().split('\n'),
    below: page.slice(end),
  };
}
