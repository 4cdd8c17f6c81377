/** Word sheet: 24 places that are filled as somebody types words from paper, in any spacing, with numbers or without. */
import { nearestWords, wordCount, wordFor } from './backup-words.js';

export class WordSheet {
  readonly #words: (string | undefined)[] = Array.from({ length: wordCount }, () => undefined);
  #next = 0;

  /**
   * Takes a line: words, and numbers that say where the word behind them stands (`7 able`, `7. able`, `7)able`). Without
   * a number a word stands behind the one before. A line that begins with # means nothing. Of a line with a fault only
   * what stands before it is taken, and the place of the fault comes next; the fault is returned.
   */
  take(line: string): string | undefined {
    if (line.trimStart().startsWith('#')) return undefined;
    const fault = this.#takeWords(line.split(/[\s,;]+/).filter((piece) => piece !== ''));
    // Where a word was typed again, it goes on with the first that is missing.
    if (this.#next >= wordCount || this.#words[this.#next] !== undefined) this.#next = this.#firstMissing();
    return fault;
  }

  /** Until the first that is wrong, which it says. */
  #takeWords(pieces: readonly string[]): string | undefined {
    for (const piece of pieces) {
      const [, number, rest = ''] = /^(?:(\d+)[.):]*)?(.*)$/s.exec(piece) ?? [];
      if (number !== undefined) {
        const at = Number(number) - 1;
        if (at < 0 || at >= wordCount) return `${number}: the words have the numbers 1 to ${wordCount}`;
        this.#next = at;
      }
      if (rest === '') continue;
      const at = this.#next;
      if (at >= wordCount)
        return `${rest.slice(0, 20)}: this would be word ${at + 1}; there are ${wordCount}`;
      const word = wordFor(rest);
      if (word === undefined)
        return `word ${at + 1}, ${rest.slice(0, 20)}: is not in the list of words; the nearest are ${nearestWords(rest).join(', ')}`;
      this.#words[at] = word;
      this.#next = at + 1;
    }
    return undefined;
  }

  /** The 24 words; undefined while one is missing. */
  get words(): readonly string[] | undefined {
    const words = this.#words.filter((word) => word !== undefined);
    return words.length === wordCount ? words : undefined;
  }

  /** Numbers of the words that are missing, from 1. */
  get missing(): number[] {
    return this.#words.flatMap((word, at) => (word === undefined ? [at + 1] : []));
  }

  /** The number of the word that comes next, from 1. */
  get next(): number {
    return this.#next + 1;
  }

  #firstMissing(): number {
    const at = this.#words.indexOf(undefined);
    return at < 0 ? wordCount : at;
  }
}
