/** Reading around: cells that the disk does not give are left out, and all around them are read. */
import { FormatError } from '../core/errors.js';

/** Reads up to `count` cells from the `first` on; fewer at the end of the stream. Throws FormatError if the disk fails. */
type ReadCells = (first: number, count: number, into?: Uint8Array) => Promise<Uint8Array>;

/** `lost`: what was said of each cell that cannot be read; it is zeros among the others. */
export async function readAround(
  read: ReadCells,
  size: number,
  first: number,
  count: number,
  into: Uint8Array,
): Promise<{ cells: Uint8Array; lost: FormatError[] }> {
  try {
    return { cells: await read(first, count, into), lost: [] };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    if (count === 1) return { cells: into.subarray(0, size).fill(0), lost: [error] };
  }
  // Not the same room: what a failed read left in it is not known.
  const half = count >> 1;
  const before = await readAround(read, size, first, half, into.subarray(0, half * size));
  const whole = into.subarray(0, before.cells.length);
  if (before.cells !== whole) whole.set(before.cells);
  if (before.cells.length < half * size) return { cells: whole, lost: before.lost };
  const behind = await readAround(read, size, first + half, count - half, into.subarray(half * size));
  into.set(behind.cells, half * size);
  return {
    cells: into.subarray(0, half * size + behind.cells.length),
    lost: [...before.lost, ...behind.lost],
  };
}
