/** Phrases: words that stand one after the other. The index knows no order of words, so they are looked for in the mails. */
import { type FieldText, lookedAt } from './mail-terms.js';
import { eachWord } from './words.js';

export interface Phrase {
  /** In which fields, as bits. */
  readonly fields: number;
  readonly words: readonly string[];
  /** Whether the last word is the beginning of one. */
  readonly isPrefix: boolean;
}

/** Whether each of the phrases stands in some text of its fields. */
export function eachMatch(texts: readonly FieldText[], phrases: readonly Phrase[]): boolean[] {
  const found = phrases.map(() => false);
  for (const [field, text] of lookedAt(texts)) {
    const words: string[] = [];
    eachWord(text, (word) => words.push(word) > 0);
    for (const [at, phrase] of phrases.entries())
      if (!found[at] && (phrase.fields & field) !== 0) found[at] = stands(words, phrase);
  }
  return found;
}

function stands(words: readonly string[], { words: wanted, isPrefix }: Phrase): boolean {
  const last = wanted.length - 1;
  for (let at = 0; at + last < words.length; at++) {
    let same = 0;
    while (same < last && words[at + same] === wanted[same]) same++;
    if (same < last) continue;
    const end = words[at + last] as string;
    if (isPrefix ? end.startsWith(wanted[last] as string) : end === wanted[last]) return true;
  }
  return false;
}
