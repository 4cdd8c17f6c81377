/** Message content of any size that takes no memory to speak of: the same lines again and again. */

const header = Buffer.from(
  [
    'From: Bench <bench@example.net>',
    'To: user@example.org',
    'Subject: one of many',
    'Date: Sat, 21 Nov 2026 00:00:00 +0000',
    'Message-ID: <bench@example.net>',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    '',
  ].join('\r\n'),
);
/** 78 octets, as base64 in mail has. */
const line = Buffer.from(`${'VGhlIHNhbWUgbGluZSBhZ2Fpbi4g'.repeat(3).slice(0, 76)}\r\n`);
const linesPerPiece = 3360;
const piece = Buffer.concat(Array.from({ length: linesPerPiece }, () => line));
const smallest = header.length + 2;

/**
 * Content of exactly `size` bytes with the final dot after it, ready for the wire, as pieces of up to 256 KiB. No line
 * begins with a dot. Throws RangeError below the size of the header.
 */
export function contentOnTheWire(size: number): readonly Buffer[] {
  if (size < smallest) throw new RangeError(`content has at least ${smallest} bytes`);
  const pieces: Buffer[] = [header];
  let left = size - header.length;
  for (; left >= piece.length + 2; left -= piece.length) pieces.push(piece);
  const rest = Math.floor((left - 2) / line.length);
  pieces.push(piece.subarray(0, rest * line.length));
  pieces.push(Buffer.from(`${'='.repeat(left - rest * line.length - 2)}\r\n.\r\n`));
  return size < piece.length ? [Buffer.concat(pieces)] : pieces;
}
