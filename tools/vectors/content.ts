/** Content: what every mail of a vector says, so that everybody can tell a prefix of the truth from anything else. */
import { ascii } from '../../src/core/bytes.js';

/** The first `size` octets of "Subject: SUBJECT", an empty line, and lines of eight digits that count from 0. */
export function contentOf(subject: string, size: number): Uint8Array {
  let text = `Subject: ${subject}\r\n\r\n`;
  for (let line = 0; text.length < size; line++) text += `${String(line).padStart(8, '0')}\r\n`;
  return ascii(text.slice(0, size));
}
