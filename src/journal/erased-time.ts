/** Erased time: the time of a file of envelopes, a constant plus the number of erased cells, so that copying programs notice. */
import { cellSizes, isErased } from '../format/cell.js';
import { headSize } from '../format/head.js';
import type { AppendFile } from './disk.js';
import { constantTime } from './names.js';

/** Cells read at a time: about a megabyte. */
const cellsAtOnce = 819;

/** Counts the erased cells and sets the time. A time that cannot be set tells when something was written, and costs no mail. */
export async function setErasedTime(file: AppendFile, signal?: AbortSignal): Promise<void> {
  const size = cellSizes.envelopes;
  let erased = 0;
  for (let first = 0; ; first += cellsAtOnce) {
    if (signal?.aborted) return;
    const cells = await file.read(headSize + first * size, cellsAtOnce * size);
    for (let at = 0; at + size <= cells.length; at += size)
      if (isErased(cells.subarray(at, at + size))) erased++;
    if (cells.length < cellsAtOnce * size) break;
  }
  await file.setTime(timeOf(erased)).catch(() => undefined);
}

/** The time of a file with so many erased cells, in seconds since 1970. */
export function timeOf(erased: number): number {
  return constantTime + erased;
}

/** Whether a time says how many cells of so many are erased; after a crash it may be that of the last write. */
export function isErasedTime(seconds: number, cells: number): boolean {
  return Number.isInteger(seconds) && seconds >= constantTime && seconds <= constantTime + cells;
}
