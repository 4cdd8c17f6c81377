/** Lines as a mail has them on the wire: CRLF for LF, and the quoting of an mbox undone (spec/export.md). */

const cr = 0x0d;
const lf = 0x0a;
const quote = 0x3e;
const from = 'From ';

/** CRLF for each LF; where another program wrote the file, a CR that stands before it is the first half of it. */
export class WireLines {
  #isBehindCr = false;

  /** `isOurs`: an export wrote the lines, and took exactly one CR from each. */
  constructor(readonly isOurs: boolean) {}

  write(bytes: Uint8Array): Uint8Array {
    const ends = count(bytes, lf);
    const into = Buffer.allocUnsafe(bytes.length + ends);
    let length = 0;
    for (let at = 0; at < bytes.length; at++) {
      const octet = bytes[at] as number;
      if (octet === lf && (this.isOurs || !this.#isBehindCr)) into[length++] = cr;
      into[length++] = octet;
      this.#isBehindCr = octet === cr;
    }
    return into.subarray(0, length);
  }
}

function count(bytes: Uint8Array, octet: number): number {
  let found = 0;
  for (let at = bytes.indexOf(octet); at >= 0; at = bytes.indexOf(octet, at + 1)) found++;
  return found;
}

export type Quoting = 'mboxrd' | 'mboxo';

/** Takes one ">" from lines that an mbox quoted: of mboxrd where any number of them stands, of mboxo where it is one. */
export class FromUnquoting {
  /** How many ">" stand at the end of what was written since the line began; undefined in the middle of a line. */
  #quotes: number | undefined = 0;
  #held: Uint8Array = new Uint8Array(0);

  constructor(readonly quoting: Quoting) {}

  write(bytes: Uint8Array): Uint8Array[] {
    const text = Buffer.concat([this.#held, bytes]);
    const pieces: Uint8Array[] = [];
    let done = 0;
    for (let at = text.indexOf(from); at >= 0; at = text.indexOf(from, at + from.length)) {
      const quotes = this.#quotesBefore(text, at);
      if (quotes === undefined || quotes === 0 || (this.quoting === 'mboxo' && quotes > 1)) continue;
      pieces.push(text.subarray(done, at - 1));
      done = at;
    }
    const end = text.length - heldBack(text);
    pieces.push(text.subarray(done, end));
    this.#quotes = this.#quotesBefore(text, end);
    this.#held = Uint8Array.from(text.subarray(end));
    return pieces;
  }

  end(): Uint8Array {
    return this.#held;
  }

  #quotesBefore(text: Uint8Array, at: number): number | undefined {
    let before = at - 1;
    while (before >= 0 && text[before] === quote) before--;
    const quotes = at - 1 - before;
    if (before >= 0) return text[before] === lf ? quotes : undefined;
    return this.#quotes === undefined ? undefined : this.#quotes + quotes;
  }
}

/** Octets at the end that may be the beginning of ">From ". */
function heldBack(text: Buffer): number {
  const wanted = `>${from}`;
  for (let length = Math.min(wanted.length - 1, text.length); length > 0; length--)
    if (text.toString('latin1', text.length - length) === wanted.slice(0, length)) return length;
  return 0;
}
