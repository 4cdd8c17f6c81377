/** Exchanging cells with good checks: what somebody can do who can write to the disk, and has no key. */
import { cellSizes, closeFrame, makeFrame } from '../../src/format/cell.js';
import { headSize } from '../../src/format/head.js';
import type { SegmentPlace, Stream } from '../../src/format/place.js';

/** Puts the body of cell `from` into cell `to`, with the check that belongs there. */
export function sealAgain(
  file: { bytes: Uint8Array },
  at: SegmentPlace,
  stream: Stream,
  from: number,
  to: number,
): void {
  const size = cellSizes[stream];
  const frame = makeFrame(stream);
  frame.body.set(file.bytes.subarray(headSize + from * size, headSize + from * size + frame.body.length));
  closeFrame(frame, at, stream, to);
  file.bytes.set(frame.cell, headSize + to * size);
}
