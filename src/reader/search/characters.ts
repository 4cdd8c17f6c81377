/** Characters: what each is in a text that is searched (spec/search.md, Words), found out once, when it is first met. */

/** Nothing of a word; white space, which joins no words; a letter of a word; a letter that is a word. */
export const kinds = { other: 1, space: 2, letter: 3, apart: 4 } as const;
const kindBits = 7;
const passedOverBit = 8;

/** Scripts that are written without spaces, or in which a word changes at its end: each character is a word. */
const apart =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;
const letter = /[\p{L}\p{M}\p{N}]/u;
const space = /\s/u;
/** Format characters; and marks on letters of most scripts. The sound marks of Japanese make other letters, and stay. */
const passedOver =
  /\p{Cf}|(?![\u3099\u309a])(?=\p{M})[\p{Script=Inherited}\p{Script=Arabic}\p{Script=Hebrew}]/u;

/** By code point; 0 for those that were not met yet. */
const met = new Uint8Array(0x110000);

/** Which of the kinds the character of a code point is. */
export function kindOf(code: number): number {
  return (met[code] || meet(code)) & kindBits;
}

/** Whether folding takes it out. */
export function isPassedOver(code: number): boolean {
  return ((met[code] || meet(code)) & passedOverBit) !== 0;
}

function meet(code: number): number {
  const text = String.fromCodePoint(code);
  const asLetter = apart.test(text) ? kinds.apart : kinds.letter;
  const asOther = space.test(text) ? kinds.space : kinds.other;
  const found = (letter.test(text) ? asLetter : asOther) | (passedOver.test(text) ? passedOverBit : 0);
  met[code] = found;
  return found;
}
