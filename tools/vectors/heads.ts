/** Heads as lines of text, so that a vector can say anything in them (spec/journal.md, Heads). */
import { ascii, hex } from '../../src/core/bytes.js';
import { sha256 } from '../../src/core/sha256.js';

/** Octets that a head's last line takes, with its line feed. */
export const checkLineSize = 71;

/** The lines, spaces up to the size, and the line of the check. */
export function encodeHead(lines: readonly string[], size: number): Uint8Array {
  const text = `${lines.join('\n')}\n`.padEnd(size - checkLineSize - 1, ' ');
  const checked = ascii(`${text}\n`);
  return ascii(`${text}\ncheck ${hex(sha256(checked))}\n`);
}

/** The lines with the one of a key exchanged for another (or taken out, if that is undefined). */
export function withLine(lines: readonly string[], key: string, line: string | undefined): string[] {
  return lines.flatMap((old) => (old.split(' ')[0] === key ? (line === undefined ? [] : [line]) : [old]));
}
