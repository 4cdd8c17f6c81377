/** Words: what of a text can be searched for (spec/search.md, Words). A mail and a question are taken apart alike. */

/** So many UTF-16 code units of a word count. */
export const longestWord = 64;

/** Octets of a couple of the longest words, at most. */
export const longestTerm = 3 * (2 * longestWord + 1);

const ascii = /^[\0-\x7f]*$/;
/** Format characters; and marks on letters of most scripts. The sound marks of Japanese make other letters, and stay. */
const passedOver =
  /\p{Cf}|(?![\u3099\u309a])(?=\p{M})[\p{Script=Inherited}\p{Script=Arabic}\p{Script=Hebrew}]/gu;
/** Scripts that are written without spaces, or in which a word changes at its end: each character is a word. */
const apart =
  '\\p{scx=Han}\\p{scx=Hiragana}\\p{scx=Katakana}\\p{scx=Hangul}\\p{scx=Thai}\\p{scx=Lao}\\p{scx=Khmer}\\p{scx=Myanmar}';
const letters = '\\p{L}\\p{M}\\p{N}';
/** A character that is a word, or a word of many; as a text, because the compiler knows no flag v. */
const anyWord = new RegExp(`[[${letters}]&&[${apart}]]|[[${letters}]--[${apart}]]+`, 'gv');
const oneJoiner = /^\S?$/u;

/** Case, accents and forms of a text put aside. */
export function fold(text: string): string {
  if (ascii.test(text)) return text.toLowerCase();
  return text
    .normalize('NFKD')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replace(passedOver, '')
    .replaceAll('ς', 'σ')
    .normalize('NFC');
}

/**
 * Gives each word of a text in order, and whether it is joined to the one before: nothing, or a single character that
 * is no white space, stands between them. `take` says whether it wants more.
 */
export function eachWord(text: string, take: (word: string, isJoined: boolean) => boolean): void {
  eachFoldedWord(fold(text), take);
}

/** The same for a text that is folded. */
export function eachFoldedWord(folded: string, take: (word: string, isJoined: boolean) => boolean): void {
  if (ascii.test(folded)) {
    eachAsciiWord(folded, take);
    return;
  }
  let end = -1;
  anyWord.lastIndex = 0;
  for (let found = anyWord.exec(folded); found !== null; found = anyWord.exec(folded)) {
    const gap = found.index - end;
    const isJoined = end >= 0 && gap <= 2 && oneJoiner.test(folded.slice(end, found.index));
    end = found.index + found[0].length;
    if (!take(cut(found[0]), isJoined)) return;
  }
}

/** The same for a text of which most mails consist, in a third of the time. */
function eachAsciiWord(folded: string, take: (word: string, isJoined: boolean) => boolean): void {
  let end = -1;
  for (let at = 0; at < folded.length; at++) {
    if (!isAsciiLetter(folded.charCodeAt(at))) continue;
    const start = at;
    while (isAsciiLetter(folded.charCodeAt(++at)));
    const isJoined = end >= 0 && start - end === 1 && !isAsciiSpace(folded.charCodeAt(end));
    end = at;
    if (!take(folded.slice(start, Math.min(at, start + longestWord)), isJoined)) return;
  }
}

function isAsciiLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
}

function isAsciiSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** No half of a character is left at the end. */
function cut(word: string): string {
  if (word.length <= longestWord) return word;
  const isHalf = (word.codePointAt(longestWord - 1) as number) > 0xffff;
  return word.slice(0, isHalf ? longestWord - 1 : longestWord);
}

/** The term of two words that are joined. No word has a space. */
export function couple(first: string, second: string): string {
  return `${first} ${second}`;
}
