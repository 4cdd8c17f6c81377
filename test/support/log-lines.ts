/** Log lines: what a server may say on standard error, read back. */
import { events } from '../../src/cli/log/events.js';

const fields =
  /^(?: \((?:[A-Z]+|other|smtp|lmtp|\d{3}|line \d+|certificate \d|[a-z ]{2,20}|\d+ times or more)(?:, (?:[A-Z]+|other|\d{3}|line \d+|\d+ times or more))*\))?$/;

/** The codes of all lines. Throws at a line that is none of an event. */
export function codesOf(stderr: string): string[] {
  return stderr.split('\n').flatMap((line) => {
    if (line === '') return [];
    const code = /^obalka: ([a-z-]+): /.exec(line)?.[1] ?? '';
    const entry = new Map(Object.entries(events)).get(code);
    const rest =
      entry && line.startsWith(`obalka: ${code}: ${entry.words}`)
        ? line.slice(10 + code.length + entry.words.length)
        : 'x';
    if (!fields.test(rest)) throw new Error(`no line of the log: ${line}`);
    return [code];
  });
}
