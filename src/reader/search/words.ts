/** Words: what of a text can be searched for (spec/search.md, Words). A mail and a question are taken apart alike. */
import { kindOf, kinds } from './characters.js';
import { fold, isAscii } from './folding.js';
import { addOctet, beginHash, endHash } from './term-numbers.js';

/** So many UTF-16 code units of a word count. */
export const longestWord = 64;

/** Octets of a couple of the longest words, at most. */
export const longestTerm = 3 * (2 * longestWord + 1);

/**
 * Is given a word: where it stands in UTF-8 until this returns, its hashOf, and whether it is joined to the one before:
 * nothing, or a single character that is no white space, stands between them. Says whether more are wanted.
 */
export type TakeWord = (
  octets: Uint8Array,
  start: number,
  end: number,
  hash: number,
  isJoined: boolean,
) => boolean;

/** Gives each word of a text in order. */
export function eachOctetWord(text: string, take: TakeWord): void {
  if (isAscii(text)) {
    eachAsciiWord(text, take);
    return;
  }
  const folded = fold(text);
  if (isAscii(folded)) eachAsciiWord(folded, take);
  else eachFoldedWord(folded, take);
}

/** The same as texts. */
export function eachWord(text: string, take: (word: string, isJoined: boolean) => boolean): void {
  eachOctetWord(text, (octets, start, end, _, isJoined) =>
    take(Buffer.from(octets.buffer, octets.byteOffset + start, end - start).toString(), isJoined),
  );
}

/** The term of two words that are joined. No word has a space. */
export function couple(first: string, second: string): string {
  return `${first} ${second}`;
}

/** Room for texts of most mails, used again and again. */
const room = Buffer.alloc(64 * 1024);

/** Of each octet of ASCII: what it is folded to in a word; or one of these. */
const apart = 0;
const space = 1;
const letters = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const isLetter = kindOf(code) === kinds.letter;
  if (isLetter) letters[code] = String.fromCharCode(code).toLowerCase().charCodeAt(0);
  else letters[code] = kindOf(code) === kinds.space ? space : apart;
}

/** Of a text of which most mails consist, folded or not. */
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

/** Of any text that is folded. */
function eachFoldedWord(folded: string, take: TakeWord): void {
  /** What stands since the word before: no more than this many characters count. */
  let between = 2;
  for (let at = 0; at < folded.length; ) {
    let code = folded.codePointAt(at) as number;
    let kind = kindOf(code);
    if (kind < kinds.letter) {
      between += kind === kinds.space ? 2 : 1;
      at += code > 0xffff ? 2 : 1;
      continue;
    }
    const last = at + longestWord;
    const single = kind === kinds.apart;
    let end = 0;
    let hash = beginHash;
    do {
      at += code > 0xffff ? 2 : 1;
      // No half of a character is left at the end.
      if (at <= last) {
        const first = end;
        end = writeUtf8(code, end);
        for (let octet = first; octet < end; octet++) hash = addOctet(hash, room[octet] as number);
      }
      if (single || at >= folded.length) break;
      code = folded.codePointAt(at) as number;
      kind = kindOf(code);
    } while (kind === kinds.letter);
    if (!take(room, 0, end, endHash(hash), between < 2)) return;
    between = 0;
  }
}

/** Writes a code point into the room; gives where it ends. */
function writeUtf8(code: number, at: number): number {
  let end = at;
  if (code < 0x80) room[end++] = code;
  else if (code < 0x800) room[end++] = 0xc0 | (code >> 6);
  else if (code < 0x10000) {
    room[end++] = 0xe0 | (code >> 12);
    room[end++] = 0x80 | ((code >> 6) & 0x3f);
  } else {
    room[end++] = 0xf0 | (code >> 18);
    room[end++] = 0x80 | ((code >> 12) & 0x3f);
    room[end++] = 0x80 | ((code >> 6) & 0x3f);
  }
  if (code >= 0x80) room[end++] = 0x80 | (code & 0x3f);
  return end;
}
