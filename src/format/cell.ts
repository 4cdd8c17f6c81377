/** Cell: one element of a stream, of fixed size, whose last 16 bytes check the rest and its place. */
import { ascii, equal } from '../core/bytes.js';
import { sha256 } from '../core/sha256.js';
import { placeSize, type SegmentPlace, type Stream, writePlace } from './place.js';

/** Octets of a whole cell, check included (spec/journal.md, Streams). */
export const cellSizes: Record<Stream, number> = { channels: 1280, envelopes: 1280, blocks: 16384 };

export const checkSize = 16;
export const tagSize = 32;
export const hashSize = 32;

const label = ascii('obalka cell v1\n');

/** Octets that stand before a cell in its frame: label and place, the first bytes that its hash covers. */
export const frameLead = label.length + placeSize;

/**
 * Room for one cell with the bytes that are hashed before it, so that hashing needs no copy. `cell` is what goes to
 * disk, `body` the part that the caller fills.
 */
export interface CellFrame {
  readonly whole: Uint8Array;
  readonly cell: Uint8Array;
  readonly body: Uint8Array;
}

/** A frame for one cell of the stream. */
export function makeFrame(stream: Stream, whole = new Uint8Array(frameLead + cellSizes[stream])): CellFrame {
  whole.set(label, 0);
  return {
    whole,
    cell: whole.subarray(frameLead),
    body: whole.subarray(frameLead, whole.length - checkSize),
  };
}

/** Puts a frame at its place and writes the check. Returns the 32-byte hash H, the leaf of the tree. */
export function closeFrame(frame: CellFrame, at: SegmentPlace, stream: Stream, number: number): Uint8Array {
  writePlace(frame.whole, label.length, at, stream, number);
  const hash = sha256(frame.whole.subarray(0, frame.whole.length - checkSize));
  frame.whole.set(hash.subarray(0, checkSize), frame.whole.length - checkSize);
  return hash;
}

/** Room for hashing cells one after the other; each is done before the next is begun. */
const hashing: Record<Stream, CellFrame> = {
  channels: makeFrame('channels'),
  envelopes: makeFrame('envelopes'),
  blocks: makeFrame('blocks'),
};

/** H of a cell as it stands at a place: SHA-256(label | place | body), 32 bytes. */
export function cellHash(cell: Uint8Array, at: SegmentPlace, stream: Stream, number: number): Uint8Array {
  const frame = hashing[stream];
  frame.cell.set(cell);
  writePlace(frame.whole, label.length, at, stream, number);
  return sha256(frame.whole.subarray(0, frame.whole.length - checkSize));
}

/** H of a cell whose check holds, or undefined: torn, rotten, or not of this place. */
export function checkedHash(
  cell: Uint8Array,
  at: SegmentPlace,
  stream: Stream,
  number: number,
): Uint8Array | undefined {
  if (cell.length !== cellSizes[stream]) return undefined;
  const hash = cellHash(cell, at, stream, number);
  return equal(hash.subarray(0, checkSize), cell.subarray(cell.length - checkSize)) ? hash : undefined;
}

/**
 * Leaf data of a cell in the tree of its stream: H, and for envelopes tag | H. An erased envelope brings the H of what
 * was there, so the tree outlives erasure (spec/journal.md, Erased envelopes).
 */
export function leafData(cell: Uint8Array, hash: Uint8Array, stream: Stream): Uint8Array {
  const leaf = new Uint8Array(leafSizes[stream]);
  writeLeafData(leaf, cell, hash, stream);
  return leaf;
}

/** Octets of the leaf data of a cell. */
export const leafSizes: Record<Stream, number> = {
  channels: hashSize,
  envelopes: tagSize + hashSize,
  blocks: hashSize,
};

/** Writes the leaf data of a cell into room of its size. */
export function writeLeafData(leaf: Uint8Array, cell: Uint8Array, hash: Uint8Array, stream: Stream): void {
  if (stream !== 'envelopes') {
    leaf.set(hash);
    return;
  }
  leaf.set(cell.subarray(0, tagSize));
  leaf.set(isErased(cell) ? cell.subarray(64, 96) : hash, tagSize);
}

/** Whether the body of an envelope ends with zeros as an erased one does: octets 96 to 1263. */
export function hasErasedEnd(cell: Uint8Array): boolean {
  // Almost every cell is told by its first octet.
  for (let at = 96; at < cell.length - checkSize; at++) if (cell[at] !== 0) return false;
  return true;
}

/** Whether an envelope cell is erased: tag | secret | H of what was there | zeros, where tag = SHA-256(secret). */
export function isErased(cell: Uint8Array): boolean {
  return hasErasedEnd(cell) && equal(sha256(cell.subarray(32, 64)), cell.subarray(0, tagSize));
}
