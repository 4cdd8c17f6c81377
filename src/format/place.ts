/** Place: where a cell stands. It enters every check and every associated data, so a cell can stand nowhere else. */

/** The three arrays of a segment (spec/journal.md, Streams). */
export type Stream = 'channels' | 'envelopes' | 'blocks';

export const streams: readonly Stream[] = ['channels', 'envelopes', 'blocks'];

const codes: Record<Stream, number> = { channels: 1, envelopes: 2, blocks: 3 };

/** What names a segment: three ids of 16 bytes and its number in the lane. */
export interface SegmentPlace {
  readonly journal: Uint8Array;
  readonly lane: Uint8Array;
  readonly segment: number;
  readonly id: Uint8Array;
}

export const idSize = 16;
export const placeSize = 65;

/** The 65 bytes: journal | lane | u64 segment | segment id | u8 stream | u64 number. */
export function encodePlace(at: SegmentPlace, stream: Stream, number: number): Uint8Array {
  const bytes = new Uint8Array(placeSize);
  writePlace(bytes, 0, at, stream, number);
  return bytes;
}

/** The same, into `into` at `offset`. */
export function writePlace(
  into: Uint8Array,
  offset: number,
  at: SegmentPlace,
  stream: Stream,
  number: number,
): void {
  into.set(at.journal, offset);
  into.set(at.lane, offset + 16);
  writeU64(into, offset + 32, at.segment);
  into.set(at.id, offset + 40);
  into[offset + 56] = codes[stream];
  writeU64(into, offset + 57, number);
}

/** The place in words, as errors begin: "lane 3f9a0c21, segment 12, block 8192". */
export function describePlace(at: SegmentPlace, stream: Stream, number: number): string {
  return `${describeSegment(at)}, ${stream.slice(0, -1)} ${number}`;
}

/** The segment in words: "lane 3f9a0c21, segment 12". */
export function describeSegment(at: { readonly lane: Uint8Array; readonly segment: number }): string {
  return `${describeLane(at.lane)}, segment ${at.segment}`;
}

/** The lane in words: "lane 3f9a0c21". */
export function describeLane(lane: Uint8Array): string {
  return `lane ${Buffer.from(lane.subarray(0, 4)).toString('hex')}`;
}

/** Writes an unsigned 64-bit big-endian number below 2^53. */
export function writeU64(into: Uint8Array, offset: number, value: number): void {
  writeU32(into, offset, Math.floor(value / 2 ** 32));
  writeU32(into, offset + 4, value >>> 0);
}

/** Writes an unsigned 32-bit big-endian number. */
export function writeU32(into: Uint8Array, offset: number, value: number): void {
  into[offset] = value >>> 24;
  into[offset + 1] = value >>> 16;
  into[offset + 2] = value >>> 8;
  into[offset + 3] = value;
}

/** Reads an unsigned 32-bit big-endian number. */
export function readU32(from: Uint8Array, offset: number): number {
  return (
    ((from[offset] as number) * 2 ** 24 +
      ((from[offset + 1] as number) << 16) +
      ((from[offset + 2] as number) << 8) +
      (from[offset + 3] as number)) >>>
    0
  );
}

/** Reads an unsigned 64-bit big-endian number; what is not below 2^53 comes out as Infinity. */
export function readU64(from: Uint8Array, offset: number): number {
  const value = readU32(from, offset) * 2 ** 32 + readU32(from, offset + 4);
  return Number.isSafeInteger(value) ? value : Number.POSITIVE_INFINITY;
}
