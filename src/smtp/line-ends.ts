/** Line ends: whether every CR and LF of chunked content stands in a CRLF (RFC 3030 section 2, RFC 5321 section 2.3.8). */

const CR = 13;
const LF = 10;

/** Looks at one content, piece by piece. It copies nothing. */
export class LineEnds {
  #afterCr = false;

  /** The last octet was a CR: bare, if nothing follows. */
  get open(): boolean {
    return this.#afterCr;
  }

  /** How many octets of `bytes` come before a bare LF, or up to and with a bare CR; all of them if there is neither. */
  check(bytes: Buffer): number {
    if (bytes.length === 0) return 0;
    let at = 0;
    if (this.#afterCr) {
      if (bytes[0] !== LF) return 0;
      this.#afterCr = false;
      at = 1;
    }
    for (;;) {
      const lf = bytes.indexOf(LF, at);
      const end = lf < 0 ? bytes.length : lf;
      const cr = bytes.subarray(at, end).indexOf(CR);
      if (lf < 0) {
        if (cr < 0) return end;
        if (at + cr + 1 < end) return at + cr + 1;
        this.#afterCr = true;
        return end;
      }
      if (cr < 0) return lf;
      if (at + cr + 1 !== lf) return at + cr + 1;
      at = lf + 1;
    }
  }
}
