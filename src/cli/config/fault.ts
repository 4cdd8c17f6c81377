/** Fault: what is wrong at a place of a configuration file, and how it is shown. */
import { Problem } from '../../core/errors.js';
import { visibleLine } from '../../reader/visible.js';
import { textWidth } from '../terminal/text-width.js';

export interface Fault {
  readonly file: string;
  /** Both from 1; a column is a character. */
  readonly line: number;
  readonly column: number;
  /** The key that it is about, where it is about one. */
  readonly key: string | undefined;
  readonly what: string;
  /** The line as it stands there. */
  readonly text: string;
}

/** A configuration in which something is wrong. */
export class BadConfiguration extends Problem {
  constructor(
    readonly path: string,
    message: string,
  ) {
    super('usage', message);
  }
}

/** The fault at an offset of a file's text. */
export function faultAt(
  file: string,
  text: string,
  at: number,
  key: string | undefined,
  what: string,
): Fault {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const end = text.indexOf('\n', start);
  return {
    file,
    line: text.slice(0, start).split('\n').length,
    column: [...text.slice(start, at)].length + 1,
    key,
    what,
    text: text.slice(start, end < 0 ? text.length : end).replace(/\r$/, ''),
  };
}

/** In one line: where it is, and what. */
export function faultLine({ file, line, column, key, what }: Fault): string {
  return visibleLine(
    `${file}, line ${line}, column ${column}: ${key === undefined ? '' : `${key}: `}${what}`,
  );
}

const widest = 100;

/** The line of the file, and a caret under the place. */
export function faultPicture({ text, column }: Fault): readonly [string, string] {
  const letters = [...text];
  // Of a long line what is around the place.
  const from = column > widest / 2 && letters.length > widest ? column - widest / 2 : 0;
  const shown = visibleLine(letters.slice(from, from + widest).join(''));
  const before = visibleLine(letters.slice(from, column - 1).join(''));
  return [`  ${shown}`, `  ${' '.repeat(textWidth(before))}^`];
}
