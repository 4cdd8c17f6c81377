/** Octet words: the words that words.ts finds in a text, as octets with a hash; a text is made of few of them. */
import { addOctet, beginHash, endHash, hashOf } from './term-numbers.js';
import { eachFoldedWord, fold, longestWord } from './words.js';

/** Where a word's octets stand, until `take` returns; and whether it is joined to the one before. Says whether more is wanted. */
export type TakeWord = (
  octets: Uint8Array,
  start: number,
  end: number,
  hash: number,
  isJoined: boolean,
) => boolean;

/** Room for texts of most mails, used again and again. */
const room = Buffer.alloc(64 * 1024);
/** Of each octet: what it is folded to in a word, or one of these. */
const apart = 0;
const space = 1;
const letters = new Uint8Array(256);
for (const code of [9, 10, 11, 12, 13, 32]) letters[code] = space;
for (let code = 0x30; code <= 0x39; code++) letters[code] = code;
for (let code = 0x61; code <= 0x7a; code++) {
  letters[code] = code;
  letters[code - 0x20] = code;
}

/** As eachWord. */
export function eachOctetWord(text: string, take: TakeWord): void {
  if (isAscii(text)) {
    eachAsciiWord(text, take);
    return;
  }
  const folded = fold(text);
  if (isAscii(folded)) eachAsciiWord(folded, take);
  else
    eachFoldedWord(folded, (word, isJoined) => {
      const end = room.write(word);
      return take(room, 0, end, hashOf(room, 0, end), isJoined);
    });
}

/** A character takes one octet only if it is of ASCII. */
function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

function eachAsciiWord(text: string, take: TakeWord): void {
  const octets = text.length <= room.length ? room : Buffer.allocUnsafeSlow(text.length);
  const length = octets.write(text, 'latin1');
  /** Where the word before ends. */
  let before = -1;
  for (let at = 0; at < length; at++) {
    let letter = letters[octets[at] as number] as number;
    if (letter <= space) continue;
    const start = at;
    const last = start + longestWord;
    let hash = beginHash;
    do {
      if (at < last) {
        octets[at] = letter;
        hash = addOctet(hash, letter);
      }
      letter = ++at < length ? (letters[octets[at] as number] as number) : apart;
    } while (letter > space);
    const isJoined = before >= 0 && start - before === 1 && letters[octets[before] as number] !== space;
    before = at;
    if (!take(octets, start, Math.min(at, last), endHash(hash), isJoined)) return;
  }
}
