/** Summary scanner: finds the few header fields of a listing in the content as it passes by. */
import { view } from '../core/bytes.js';
import { type Summary, summaryLimits } from '../format/envelope.js';

/** A header longer than this is looked at no further. */
const maxHeaderOctets = 65_536;
const fieldNames: Readonly<Record<string, keyof Summary>> = {
  from: 'from',
  subject: 'subject',
  date: 'date',
  'message-id': 'messageId',
};
const longestName = 'message-id'.length;
const none = new Uint8Array(0);
const noSummary: Summary = { from: none, subject: none, date: none, messageId: none };

export class SummaryScanner {
  /** The header as far as it came; most headers come whole in the first chunk and are never copied. */
  #pieces: Buffer[] = [];
  #length = 0;
  #summary: Summary | undefined;

  /** Looks at the next bytes of content until the header ends. */
  write(bytes: Uint8Array): void {
    if (this.#summary) return;
    const piece = view(bytes).subarray(0, maxHeaderOctets - this.#length);
    this.#length += piece.length;
    const full = this.#length >= maxHeaderOctets;
    // A header that comes octet by octet is put together only where it may have ended.
    if (this.#pieces.length === 0 || full || piece.includes('\n')) {
      const header = this.#pieces.length === 0 ? piece : Buffer.concat([...this.#pieces, piece]);
      const end = headerEnd(header);
      if (end >= 0 || full) {
        this.#finish(header, end);
        return;
      }
    }
    this.#pieces.push(Buffer.from(piece));
  }

  /** The first field of each name: unfolded, trimmed, cut to its limit; empty if there is none. */
  summary(): Summary {
    if (!this.#summary) this.#finish(Buffer.concat(this.#pieces), -1);
    return this.#summary ?? noSummary;
  }

  #finish(header: Buffer, end: number): void {
    this.#summary = summarise(header.toString('latin1', 0, end < 0 ? header.length : end));
    this.#pieces = [];
  }
}

/** Where the empty line after the header begins; -1 if it has not come. Content may begin with it. */
function headerEnd(content: Buffer): number {
  if (content[0] === 0x0d && content[1] === 0x0a) return 0;
  return content.indexOf('\r\n\r\n');
}

function summarise(header: string): Summary {
  const found: Partial<Record<keyof Summary, Uint8Array>> = {};
  for (let at = 0; at < header.length; ) {
    const end = fieldEnd(header, at);
    // Looked for no further than the longest name reaches: a header without colons is not searched over and over.
    const colon = at + header.slice(at, Math.min(end, at + longestName + 2)).indexOf(':');
    if (colon >= at) {
      const key = fieldNames[header.slice(at, colon).trimEnd().toLowerCase()];
      if (key && !found[key]) found[key] = value(header.slice(colon + 1, end), summaryLimits[key]);
    }
    at = end + 2;
  }
  return { ...noSummary, ...found };
}

/** Where a field ends: at the first CRLF that no space or tab follows. */
function fieldEnd(header: string, from: number): number {
  for (let end = header.indexOf('\r\n', from); end >= 0; end = header.indexOf('\r\n', end + 2)) {
    const next = header[end + 2];
    if (next !== ' ' && next !== '\t') return end;
  }
  return header.length;
}

/**
 * A field's value: unfolded, without spaces and tabs at its ends. Not trim(): it takes 0xA0 for a space, which is the last
 * octet of an à in UTF-8. Not a pattern: one for the end of a text is slow on a header full of spaces.
 */
function value(text: string, limit: number): Uint8Array {
  const unfolded = text.replaceAll('\r\n', '');
  let from = 0;
  let to = unfolded.length;
  while (from < to && isSpace(unfolded[from])) from++;
  while (to > from && isSpace(unfolded[to - 1])) to--;
  return new Uint8Array(Buffer.from(unfolded.slice(from, Math.min(to, from + limit)), 'latin1'));
}

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}
