/** Header text: octets of headers as text, and where a header ends. */
import { decodeWords } from 'postal-mime';
import { summaryLimits } from '../format/envelope.js';

/** Only values of these lengths may have lost something: a last Latin-1 letter looks like half a character of UTF-8. */
const cutLengths = new Set<number>(Object.values(summaryLimits));

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** A header value from an envelope's summary: UTF-8 or else Latin-1, with encoded words (RFC 2047) decoded. */
export function headerText(bytes: Uint8Array): string {
  const text = octetsAsText(bytes);
  if (!text.includes('=?')) return text;
  try {
    return decodeWords(text);
  } catch {
    return text;
  }
}

/** Octets of unknown encoding: UTF-8 or else Latin-1. */
export function octetsAsText(bytes: Uint8Array): string {
  if (isAscii(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  return utf8(bytes) ?? Buffer.from(bytes).toString('latin1');
}

function isAscii(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if ((bytes[at] as number) > 0x7f) return false;
  return true;
}

/** The text of UTF-8 octets; where a summary cut them, perhaps inside the last character. Undefined if they are something else. */
function utf8(bytes: Uint8Array): string | undefined {
  for (const cut of cutLengths.has(bytes.length) ? [0, 1, 2, 3] : [0])
    try {
      return strictUtf8.decode(bytes.subarray(0, bytes.length - cut));
    } catch {
      // one octet less, then
    }
  return undefined;
}

/** Where the header ends: the offset of the empty line after it, or the whole length. */
export function headerEnd(content: Buffer): number {
  if (content.subarray(0, 2).toString('latin1') === '\r\n') return 0;
  const end = content.indexOf('\r\n\r\n');
  return end < 0 ? content.length : end;
}
