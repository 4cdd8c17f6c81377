/** Terminal: commands on a pseudo-terminal, as a person sees them, by python3's pty. */
import type { Ended, Installation } from './installation.js';

/** Runs a shell on a new terminal, and copies what it shows. */
const spawner = `
import os, pty, sys
status = os.waitstatus_to_exitcode(pty.spawn(['bash', '-c', sys.argv[1]]))
sys.exit(status if status >= 0 else 128 - status)
`;

/** The words that run a line of shell on a terminal of 100 columns, which ends lines with LF alone. */
export function terminalWords(line: string): string[] {
  return ['python3', '-c', spawner, `stty -onlcr cols 100 rows 40; ${line}`];
}

/** Runs a line of shell on a terminal; what it shows is in `stdout`. */
export function runOnTerminal(made: Installation, line: string): Promise<Ended> {
  const [program, ...args] = terminalWords(`obalka() { "$NODE" "$OBALKA" "$@"; }\n${line}`);
  return made.exec(program as string, args, { TERM: 'xterm' });
}

/** The commands that a program printed for a person: lines that begin with two spaces. */
export function printedCommands(shown: string): string[] {
  return shown.split('\n').flatMap((line) => (/^ {2}\S/.test(line) ? [line.trim()] : []));
}
