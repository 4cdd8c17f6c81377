/** Whole content: the octets of a mail in one piece, for what cannot work on pieces. */

/** Pieces one behind the other, in memory that nothing else uses. `length`: of all of them. */
export async function wholeContent(pieces: AsyncIterable<Uint8Array>, length: number): Promise<Uint8Array> {
  let whole: Uint8Array | undefined;
  let at = 0;
  for await (const piece of pieces) {
    // Not before it is known that there are as many blocks as this length needs.
    whole ??= new Uint8Array(length);
    whole.set(piece, at);
    at += piece.length;
  }
  return whole ?? new Uint8Array(0);
}

/** The header of a content. All pieces are read: only at the end is it known whether they hold. */
export async function headerOf(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  let length = 0;
  let end: number | undefined;
  for await (const piece of pieces) {
    if (end !== undefined) continue;
    // The empty line may begin in the piece before.
    const last = kept.at(-1)?.subarray(-emptyLine.length) ?? new Uint8Array(0);
    const both = Buffer.concat([last, piece]);
    const found = length === 0 && both.subarray(0, 2).equals(lineEnd) ? 0 : both.indexOf(emptyLine);
    if (found >= 0) end = length - last.length + found;
    kept.push(piece);
    length += piece.length;
  }
  return Buffer.concat(kept, end ?? length);
}

const lineEnd = Buffer.from('\r\n');
const emptyLine = Buffer.from('\r\n\r\n');
