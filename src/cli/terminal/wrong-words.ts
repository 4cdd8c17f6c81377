/** Wrong words: what the parser of the command line says of them, as the program says it: one line, with what to do. */
import type { Command, CommanderError } from 'commander';
import { shownCommand } from './shell-word.js';

/** `path` is the command as it is typed, such as "obalka key new". */
export function wordsOf({ code, message }: CommanderError, command: Command, path: string): string {
  const see = `; see "${path} --help"`;
  if (code === 'commander.excessArguments') return `${tooMany(command, path)}${see}`;
  const [fault = '', ...hints] = message
    .replace(/^error: /, '')
    .trimEnd()
    .split('\n');
  return `${[plain(fault), ...hints].join(' ')}${see}`;
}

/** `--limit 0: it should be a number above 0`. */
function plain(fault: string): string {
  const [, option, value, why] =
    /^(?:option '(.*?)' argument|command-argument value) '(.*?)' is invalid(?: for argument '.*?')?\. (.*)$/s.exec(
      fault,
    ) ?? [];
  if (value === undefined || why === undefined) return fault;
  const name = option === undefined ? '' : `${/--[\w-]+/.exec(option)?.[0] ?? option} `;
  return `${name}${value}: ${why.replace(/^Allowed choices are/, 'it should be one of').replace(/\.$/, '')}`;
}

function tooMany(command: Command, path: string): string {
  const most = command.registeredArguments.length;
  const name = path.replace(/^obalka /, '');
  const takes = `${name} takes ${most === 0 ? 'no words' : most === 1 ? 'one word' : `${most} words at most`}`;
  if (name === 'list') return `${takes}; to look for some: ${shownCommand('search', ...command.args)}`;
  return `${takes}, and got ${command.args.length}`;
}
