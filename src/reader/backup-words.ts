/** Backup words: the seed of an identity as 24 words for paper (BIP 39, English list). */
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';

export const wordCount = 24;
/** As many letters of a word as tell it from all others. */
export const lettersThatTell = 4;

/** The longest word of the list has eight letters. */
const longestLookedAt = 16;

/** The 24 words of a seed of 32 octets. */
export function wordsOf(seed: Uint8Array): string[] {
  return entropyToMnemonic(seed, wordlist).split(' ');
}

/** The seed of 24 words of the list; undefined if their checksum does not hold. */
export function seedOf(words: readonly string[]): Uint8Array | undefined {
  if (words.length !== wordCount) return undefined;
  try {
    return mnemonicToEntropy(words.join(' '), wordlist);
  } catch {
    return undefined;
  }
}

/** The word that somebody wrote, in any case, or its first four letters or more; undefined if there is none. */
export function wordFor(written: string): string | undefined {
  const word = written.toLowerCase();
  const exact = wordlist.find((one) => one === word);
  if (exact !== undefined || word.length < lettersThatTell) return exact;
  return wordlist.find((one) => one.startsWith(word));
}

/** The words of the list that are nearest to a misspelt one, nearest first. */
export function nearestWords(written: string, count = 3): string[] {
  const word = written.slice(0, longestLookedAt).toLowerCase();
  return wordlist
    .map((one) => ({ one, far: distance(word, one) }))
    .sort((a, b) => a.far - b.far || Number(a.one > b.one) - Number(a.one < b.one))
    .slice(0, count)
    .map(({ one }) => one);
}

/** Letters to add, drop, exchange, or swap with their neighbour, to make one word the other. */
function distance(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const at = (cells: readonly number[], index: number) => cells[index] ?? 0;
      let least = Math.min(
        at(row, j) + 1,
        at(next, j - 1) + 1,
        at(row, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1),
      );
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        least = Math.min(least, at(before, j - 2) + 1);
      next.push(least);
    }
    before = row;
    row = next;
  }
  return row[to.length] ?? 0;
}
