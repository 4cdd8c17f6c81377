/** Claim: the small file `synced`, which says how many cells of each stream are known to be on disk. */
import { ascii, concat, hex } from '../core/bytes.js';
import { sha256 } from '../core/sha256.js';
import { encodePlace, type SegmentPlace, type Stream, streams } from './place.js';

/** Number of cells per stream. */
export type Counts = Readonly<Record<Stream, number>>;

export const noCells: Counts = { channels: 0, envelopes: 0, blocks: 0 };

/** The file: one line of counts in ten digits each, and a check over it and the segment's place. 73 bytes. */
export function encodeClaim(counts: Counts, at: SegmentPlace): Uint8Array {
  const line = `synced ${streams.map((stream) => String(counts[stream]).padStart(10, '0')).join(' ')}\n`;
  return ascii(`${line}${claimCheck(line, at)}\n`);
}

/** The counts, or undefined if the file is torn, damaged, or of another segment. */
export function decodeClaim(bytes: Uint8Array, at: SegmentPlace): Counts | undefined {
  const text = Buffer.from(bytes).toString('latin1');
  const match = /^(synced (\d{10}) (\d{10}) (\d{10})\n)([0-9a-f]{32})\n$/.exec(text);
  if (!match || match[5] !== claimCheck(match[1] as string, at)) return undefined;
  return { channels: Number(match[2]), envelopes: Number(match[3]), blocks: Number(match[4]) };
}

function claimCheck(line: string, at: SegmentPlace): string {
  const checked = concat(ascii('obalka synced v1'), encodePlace(at, 'channels', 0), ascii(line));
  return hex(sha256(checked).subarray(0, 16));
}
