/** A mix of mails like that of people: many small ones, few of several megabytes, some real ones, some empty. */
import { createHash } from 'node:crypto';
import { realMessages } from '../support/real-messages.js';

/** What ends with a line, as DATA brings it. */
function realContents(): Uint8Array[] {
  return realMessages().map(({ content }) =>
    content.subarray(-2).equals(Buffer.from('\r\n'))
      ? content
      : Buffer.concat([content, Buffer.from('\r\n')]),
  );
}

/** Of so many in a thousand mails, the largest has so many octets. */
const sizes = [
  [520, 4000],
  [350, 30_000],
  [110, 100_000],
  [18, 600_000],
  [2, 4_000_000],
] as const;

/** A number from 0 to below `end` that follows from words. */
function drawn(words: string, end: number): number {
  return createHash('sha256').update(words).digest().readUInt32BE(0) % end;
}

/** Content of so many octets, with lines that differ from mail to mail, dots at their beginnings, and odd octets. */
function madeUp(i: number, size: number): Uint8Array {
  const head = Buffer.from(
    `From: Writer ${i} <writer@from.example>\r\nSubject: mail ${i}\r\nTo: alice@example.org\r\n\r\n`,
  );
  const line = Buffer.concat([
    Buffer.from(i % 3 === 0 ? '.' : '\xe9', 'latin1'),
    createHash('sha512').update(`${i}`).digest(),
  ]);
  const lines = Buffer.from(`${line.toString('latin1').replace(/[\r\n\0]/g, '_')}\r\n`, 'latin1');
  const octets = Buffer.alloc(Math.max(size, head.length + 2), lines);
  head.copy(octets);
  octets.write('\r\n', octets.length - 2);
  if (octets[octets.length - 3] === 13) octets[octets.length - 3] = 95;
  return octets;
}

/** The contents of so many mails; every eighth is a real one where there are some, every fiftieth is nearly nothing, and two are large. */
export function mailMix(count: number): Uint8Array[] {
  const real = realContents();
  return Array.from({ length: count }, (_, i) => {
    const message = real[(i >> 3) % Math.max(1, real.length)];
    if (i % 8 === 1 && message) return message;
    if (i % 50 === 0) return Buffer.from(['', '\r\n', 'x\r\n', '.\r\n'][(i / 50) % 4] as string);
    const large = [3_000_000, 6_000_000].find((_, n) => i === Math.floor(((n + 1) * count) / 3));
    if (large !== undefined) return madeUp(i, large);
    let part = drawn(`share of ${i}`, 1000);
    const [, most] = sizes.find(([share]) => {
      part -= share;
      return part < 0;
    }) ?? [0, 1000];
    return madeUp(i, drawn(`size of ${i}`, most));
  });
}
