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
/** What their names begin with: most fields are others. */
const firstLetters = 'fFsSdDmM';
const SPACE = 32;
const TAB = 9;
const noHeader: Buffer = Buffer.alloc(0);
const none = new Uint8Array(0);
const noSummary: Summary = { from: none, subject: none, date: none, messageId: none };

export class SummaryScanner {
  /** The header as far as it came, in a buffer with room for more; most come whole in the first piece and are never copied. */
  #header: Buffer = noHeader;
  #length = 0;
  #summary: Summary | undefined;

  /** Looks at the next bytes of content until the header ends. */
  write(bytes: Uint8Array): void {
    if (this.#summary) return;
    const before = this.#length;
    const piece = view(bytes).subarray(0, maxHeaderOctets - before);
    const header = before === 0 ? piece : this.#append(piece);
    // Of what was looked through before, only its last three octets may belong to the end.
    const end = headerEnd(header, before);
    if (end >= 0 || header.length >= maxHeaderOctets) this.#finish(header, end);
    else if (before === 0) this.#append(piece);
  }

  /** The header with a piece more, in a buffer that doubles: octet by octet costs no more than at once. */
  #append(piece: Buffer): Buffer {
    const length = this.#length + piece.length;
    if (length > this.#header.length) {
      const room = Buffer.allocUnsafe(Math.min(Math.max(2 * length, 1024), maxHeaderOctets));
      this.#header.copy(room, 0, 0, this.#length);
      this.#header = room;
    }
    piece.copy(this.#header, this.#length);
    this.#length = length;
    return this.#header.subarray(0, length);
  }

  /** The first field of each name: unfolded, trimmed, cut to its limit; empty if there is none. */
  summary(): Summary {
    if (!this.#summary) this.#finish(this.#header.subarray(0, this.#length), -1);
    return this.#summary ?? noSummary;
  }

  #finish(header: Buffer, end: number): void {
    this.#summary = summarise(header.toString('latin1', 0, end < 0 ? header.length : end));
    this.#header = noHeader;
  }
}

/** Where the empty line after the header begins; -1 if it has not come. Content may begin with it. `seen` octets had none. */
function headerEnd(content: Buffer, seen: number): number {
  if (content[0] === 0x0d && content[1] === 0x0a) return 0;
  return content.indexOf('\r\n\r\n', Math.max(seen - 3, 0));
}

function summarise(header: string): Summary {
  const found: Partial<Record<keyof Summary, Uint8Array>> = {};
  for (let at = 0; at < header.length; ) {
    const end = fieldEnd(header, at);
    // Looked for no further than the longest name reaches: a header without colons is not searched over and over.
    const colon = firstLetters.includes(header.charAt(at))
      ? at + header.slice(at, Math.min(end, at + longestName + 2)).indexOf(':')
      : -1;
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
    const next = header.charCodeAt(end + 2);
    if (next !== SPACE && next !== TAB) return end;
  }
  return header.length;
}

/**
 * A field's value: unfolded, without spaces and tabs at its ends. Not trim(): it takes 0xA0 for a space, which is the last
 * octet of an à in UTF-8. Not a pattern: one for the end of a text is slow on a header full of spaces.
 */
function value(text: string, limit: number): Uint8Array {
  const unfolded = text.includes('\r\n') ? text.replaceAll('\r\n', '') : text;
  let from = 0;
  let to = unfolded.length;
  while (from < to && isSpace(unfolded.charCodeAt(from))) from++;
  while (to > from && isSpace(unfolded.charCodeAt(to - 1))) to--;
  return new Uint8Array(Buffer.from(unfolded.slice(from, Math.min(to, from + limit)), 'latin1'));
}

function isSpace(octet: number): boolean {
  return octet === SPACE || octet === TAB;
}
