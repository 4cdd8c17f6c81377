/** Opening a message for an export: its prelude, then its content, while the blocks are read. */
import { decodePrelude, type Prelude } from '../../format/prelude.js';
import type { SegmentIndex } from '../blocks.js';
import type { Mail } from '../mail.js';

/** A prelude that is longer than any text of a session is not looked at. */
const longestPrelude = 65_536;

export interface OpenedMessage {
  /** Undefined if it is none. */
  readonly prelude: Prelude | undefined;
  readonly content: AsyncGenerator<Uint8Array>;
}

/**
 * The content comes as it is read: that the blocks are those of the envelope is known behind its last piece, where FormatError is
 * thrown if not. It must be kept where nobody reads it until then.
 */
export function openMessage(index: SegmentIndex, mail: Mail): Promise<OpenedMessage> {
  return divide(mail, index.provisional(mail));
}

/** The same, where nothing is given out before it is known: all blocks are read twice. */
export function openHeldMessage(index: SegmentIndex, mail: Mail): Promise<OpenedMessage> {
  return divide(mail, index.plaintext(mail));
}

async function divide(mail: Mail, pieces: AsyncGenerator<Uint8Array>): Promise<OpenedMessage> {
  const { preludeLength, contentLength } = mail.envelope;
  const head: Uint8Array[] = [];
  let left = preludeLength;
  let rest: Uint8Array = new Uint8Array(0);
  while (left > 0) {
    const { value, done } = await pieces.next();
    if (done) break;
    if (preludeLength <= longestPrelude) head.push(value.subarray(0, left));
    rest = value.subarray(Math.min(left, value.length));
    left -= Math.min(left, value.length);
  }
  async function* content(): AsyncGenerator<Uint8Array> {
    let wanted = contentLength;
    const first = rest.subarray(0, wanted);
    wanted -= first.length;
    if (first.length > 0) yield first;
    // To the very end, also behind the content: there it is known whether it holds.
    for await (const piece of pieces) {
      const part = piece.subarray(0, wanted);
      wanted -= part.length;
      if (part.length > 0) yield part;
    }
  }
  return { prelude: decodePrelude(Buffer.concat(head)), content: content() };
}
