/** The slow and obvious twin of the content decoder: the definition of the end, applied to a whole input. */

export interface Decoded {
  /** Content up to the end, or to the first bare CR or LF. */
  readonly content: string;
  readonly bare: boolean;
  /** Where the next command begins; undefined if there is no end. */
  readonly end: number | undefined;
}

/** Octets as Latin-1 text. */
export function decodePlainly(input: string): Decoded {
  // RFC 5321 section 4.1.1.4: the CRLF that ends DATA counts as the one before the dot.
  const marked = `\r\n${input}`;
  const found = marked.indexOf('\r\n.\r\n');
  const end = found < 0 ? undefined : found + 3;
  const stuffed = found < 0 ? marked : marked.slice(0, found + 2);
  const bare = /\r(?!\n|$)|(?<!\r)\n|\r$/.exec(stuffed);
  const openCr = bare !== null && bare.index === stuffed.length - 1 && bare[0] === '\r';
  const fault = bare !== null && !openCr ? bare : undefined;
  // A bare CR is noticed behind it, a bare LF at it.
  const upTo = fault === undefined ? stuffed.length : fault.index + (fault[0] === '\r' ? 1 : 0);
  const content = stuffed
    .slice(0, upTo)
    .replace(/\r\n\.\r?$/, '\r\n')
    .replace(/\r\n\./g, '\r\n')
    .slice(2);
  return { content, bare: fault !== undefined, end };
}
