/** Folding: case, accents and forms of a text put aside (spec/search.md, Words). */
import { isPassedOver } from './characters.js';

export function fold(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  // Lower case first: the capital sharp s has no upper case of its own, and the small one has two letters.
  const bare = takeOut(text.normalize('NFKD').toLowerCase().toUpperCase().toLowerCase().normalize('NFKD'));
  return isAscii(bare) ? bare : bare.normalize('NFC');
}

/** A character takes one octet only if it is of ASCII. */
export function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

const endSigma = 0x3c2;
const sigma = 0x3c3;

/** The text without what is passed over, and with one sigma. By hand: a regular expression takes ten times as long. */
function takeOut(text: string): string {
  const octets = Buffer.allocUnsafe(2 * text.length);
  let length = 0;
  const put = (unit: number) => {
    octets[length++] = unit & 0xff;
    octets[length++] = unit >> 8;
  };
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) {
      put(unit);
      continue;
    }
    const code = text.codePointAt(at) as number;
    const isKept = !isPassedOver(code);
    if (isKept) put(unit === endSigma ? sigma : unit);
    if (code <= 0xffff) continue;
    at++;
    if (isKept) put(text.charCodeAt(at));
  }
  return octets.toString('utf16le', 0, length);
}
