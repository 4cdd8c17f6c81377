/** TOML: a text parsed, with the place of everything in it, and of all that is no TOML. */
import { parse, TomlError } from 'smol-toml';
import { findPlaces, type Place } from './places.js';

export interface TomlFault {
  /** Offset in the text. */
  readonly at: number;
  readonly what: string;
}

export interface ParsedToml {
  readonly tree: Readonly<Record<string, unknown>>;
  readonly places: ReadonlyMap<string, Place>;
  readonly faults: readonly TomlFault[];
}

const mostFaults = 20;

/**
 * Parses a text. A line that is no TOML is a fault, and the rest is looked at without it, as long as the next fault comes
 * later: one slip is to be told once, and not with all that follows from it.
 */
export function parseToml(text: string): ParsedToml {
  const faults: TomlFault[] = [];
  let left = text;
  for (;;) {
    try {
      const tree = parse(left, { maxDepth: 20 });
      return { tree, places: findPlaces(left, unquote), faults };
    } catch (error) {
      if (!(error instanceof TomlError)) throw error;
      const at = offsetOf(text, error.line, error.column);
      const last = faults.at(-1);
      const isAtEnd = at >= text.trimEnd().length;
      const follows = last !== undefined && (at <= last.at || isAtEnd);
      const what = wordsOf(error);
      if (!follows) faults.push({ at, what });
      const [line, without] = withoutLine(left, error.line);
      // Without its header, what stands in a table would be taken for what stands above it; nor does anybody know where
      // something was to end that has no end.
      const isLost = follows || isAtEnd || /^\s*(\[|$)/.test(line) || what.includes('unfinished');
      if (isLost || faults.length === mostFaults) return { tree: {}, places: new Map(), faults };
      left = without;
    }
  }
}

function unquote(key: string): string {
  return Object.keys(parse(`${key} = 0`))[0] as string;
}

/** What the parser says, in one line. */
function wordsOf(error: TomlError): string {
  const [first = ''] = error.message.split('\n');
  return first.replace(/^Invalid TOML document: /, 'not TOML: ');
}

function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at++) start = text.indexOf('\n', start) + 1;
  return start + column - 1;
}

/** A line, and the text with blanks in its place, so that all others stay where they are. */
function withoutLine(text: string, line: number): readonly [line: string, without: string] {
  const lines = text.split('\n');
  const taken = lines[line - 1] ?? '';
  lines[line - 1] = taken.replace(/[^\r]/g, ' ');
  return [taken, lines.join('\n')];
}
