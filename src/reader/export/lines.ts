/** Lines as files on Unix have them: LF for CRLF, and in an mbox lines that would begin a mail quoted (spec/export.md). */

import { view } from '../../core/bytes.js';

const cr = 0x0d;
const lf = 0x0a;

/** CRLF becomes LF, piece by piece; all else stays as it is. */
export class UnixLines {
  /** Whether an LF without a CR was met: then the lines cannot be told apart afterwards. */
  hasBareLf = false;
  #heldCr = false;

  write(bytes: Uint8Array): Uint8Array {
    if (bytes.length === 0) return bytes;
    const text = view(bytes);
    const into = Buffer.allocUnsafe(text.length + 1);
    let length = 0;
    if (this.#heldCr && text[0] !== lf) into[length++] = cr;
    let from = 0;
    for (let at = text.indexOf(lf); at >= 0; at = text.indexOf(lf, at + 1)) {
      if (at === 0) this.hasBareLf ||= !this.#heldCr;
      else if (text[at - 1] === cr) {
        length += text.copy(into, length, from, at - 1);
        from = at;
      } else this.hasBareLf = true;
    }
    this.#heldCr = text.at(-1) === cr;
    length += text.copy(into, length, from, text.length - (this.#heldCr ? 1 : 0));
    return into.subarray(0, length);
  }

  /** What was held back. */
  end(): Uint8Array {
    return Uint8Array.from(this.#heldCr ? [cr] : []);
  }
}

const from = 'From ';
const quote = 0x3e;

/** mboxrd: a line of any number of ">" and "From " gets one ">" more. */
export class FromQuoting {
  /** Whether only ">" were written since the line began. */
  #lineBegins = true;
  #held: Uint8Array = new Uint8Array(0);

  write(bytes: Uint8Array): Uint8Array[] {
    const text = this.#held.length > 0 ? Buffer.concat([this.#held, bytes]) : view(bytes);
    const pieces: Uint8Array[] = [];
    let done = 0;
    for (let at = text.indexOf(from); at >= 0; at = text.indexOf(from, at + from.length)) {
      if (!this.#beginsLine(text, at)) continue;
      pieces.push(text.subarray(done, at), new Uint8Array([quote]));
      done = at;
    }
    const end = text.length - heldBack(text);
    pieces.push(text.subarray(done, end));
    this.#lineBegins = this.#beginsLine(text, end);
    this.#held = Uint8Array.from(text.subarray(end));
    return pieces;
  }

  end(): Uint8Array {
    return this.#held;
  }

  #beginsLine(text: Uint8Array, at: number): boolean {
    let before = at - 1;
    while (before >= 0 && text[before] === quote) before--;
    return before < 0 ? this.#lineBegins : text[before] === lf;
  }
}

/** Octets at the end that may be the beginning of "From ". */
function heldBack(text: Buffer): number {
  for (let length = Math.min(from.length - 1, text.length); length > 0; length--)
    if (text.toString('latin1', text.length - length) === from.slice(0, length)) return length;
  return 0;
}
