/** Summary scanner: finds the few header fields of a listing in the content as it passes by. */
import { type Summary, summaryLimits } from '../format/envelope.js';

/** A header longer than this is looked at no further. */
const maxHeaderOctets = 65_536;
const fieldNames: Readonly<Record<string, keyof Summary>> = {
  from: 'from',
  subject: 'subject',
  date: 'date',
  'message-id': 'messageId',
};

export class SummaryScanner {
  #pieces: Buffer[] = [];
  #length = 0;
  #ended = false;

  /** Looks at the next bytes of content; copies them only while they are header. */
  write(bytes: Uint8Array): void {
    if (this.#ended) return;
    const before = this.#pieces.at(-1)?.subarray(-3) ?? Buffer.alloc(0);
    const piece = Buffer.from(bytes.subarray(0, maxHeaderOctets - this.#length));
    this.#pieces.push(piece);
    this.#length += piece.length;
    this.#ended = this.#length >= maxHeaderOctets || Buffer.concat([before, piece]).includes('\r\n\r\n');
  }

  /** The first field of each name: unfolded, trimmed, cut to its limit; empty if there is none. */
  summary(): Summary {
    const empty = new Uint8Array(0);
    const found: Record<keyof Summary, Uint8Array | undefined> = {
      from: undefined,
      subject: undefined,
      date: undefined,
      messageId: undefined,
    };
    const content = Buffer.concat(this.#pieces).toString('latin1');
    const end = content.startsWith('\r\n') ? 0 : content.indexOf('\r\n\r\n');
    const header = end < 0 ? content : content.slice(0, end);
    for (const field of header.split(/\r\n(?![ \t])/)) {
      const colon = field.indexOf(':');
      if (colon < 0 || colon > 20) continue;
      const key = fieldNames[field.slice(0, colon).trimEnd().toLowerCase()];
      if (!key || found[key]) continue;
      const value = field
        .slice(colon + 1)
        .replace(/\r\n/g, '')
        .trim();
      found[key] = new Uint8Array(Buffer.from(value.slice(0, summaryLimits[key]), 'latin1'));
    }
    return {
      from: found.from ?? empty,
      subject: found.subject ?? empty,
      date: found.date ?? empty,
      messageId: found.messageId ?? empty,
    };
  }
}
