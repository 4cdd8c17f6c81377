/** Typed words: 24 words from paper, from the terminal or from standard input, until they are what is looked for. */
import { createInterface } from 'node:readline';
import { Problem } from '../../core/errors.js';
import { visibleLine } from '../../reader/visible.js';
import { WordSheet } from '../../reader/word-sheet.js';
import { say } from '../terminal/output.js';

/** What 24 words turned out to be: something, or a sentence that says what is wrong with them. */
export type Found<T> = { readonly found: T } | { readonly fault: string };

/**
 * Reads words until `look` finds what they are. At a terminal each slip can be mended by typing a number and its word;
 * from a pipe the first one is a Problem.
 */
export async function readWords<T>(look: (words: readonly string[]) => Found<T>): Promise<T> {
  const isTerminal = process.stdin.isTTY === true;
  if (isTerminal)
    say(
      'Type the words as they stand on the paper, as many on a line as you like, with or without their numbers.',
      'The first four letters of a word are enough. A number and a word ("7 able") change the word in that place.',
    );
  const sheet = new WordSheet();
  const ask = () => {
    if (isTerminal) process.stderr.write(sheet.words ? 'number and word: ' : `word ${sheet.next}: `);
  };
  const lines = createInterface({ input: process.stdin, terminal: false });
  try {
    ask();
    for await (const line of lines) {
      let fault = sheet.take(line);
      const { words } = sheet;
      if (fault === undefined && words) {
        const result = look(words);
        if ('found' in result) return result.found;
        fault = result.fault;
      }
      if (fault !== undefined) {
        if (!isTerminal) throw new Problem('identity', `${visibleLine(fault)}; nothing was changed`);
        say(`${visibleLine(fault)}.`);
      }
      ask();
    }
  } finally {
    lines.close();
  }
  const { missing } = sheet;
  throw new Problem(
    'identity',
    missing.length > 0
      ? `${missing.length} of the 24 words are missing, the first is word ${missing[0]}; nothing was changed`
      : 'these are not the words; nothing was changed',
  );
}
