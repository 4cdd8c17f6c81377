/** Runs: which blocks make up a message, as (segment, first, count) in order. */
import { readU32, writeU32 } from './place.js';

/** Consecutive blocks of one segment of the envelope's lane. */
export interface Run {
  readonly segment: number;
  readonly first: number;
  readonly count: number;
}

export const runSize = 12;

/** Adds one block to the runs: to the last run where it follows it. */
export function addToRuns(runs: Run[], segment: number, number: number): void {
  const last = runs.at(-1);
  if (last && last.segment === segment && last.first + last.count === number)
    runs[runs.length - 1] = { segment, first: last.first, count: last.count + 1 };
  else runs.push({ segment, first: number, count: 1 });
}

/** Writes runs of 12 bytes each (u32 segment, first, count). */
export function writeRuns(into: Uint8Array, offset: number, runs: readonly Run[]): void {
  let at = offset;
  for (const run of runs) {
    writeU32(into, at, run.segment);
    writeU32(into, at + 4, run.first);
    writeU32(into, at + 8, run.count);
    at += runSize;
  }
}

/** Reads runs until `limit` of them, the end of the bytes, or a run of no blocks. */
export function readRuns(from: Uint8Array, offset: number, limit = Number.POSITIVE_INFINITY): Run[] {
  const runs: Run[] = [];
  for (let at = offset; at + runSize <= from.length && runs.length < limit; at += runSize) {
    const run = { segment: readU32(from, at), first: readU32(from, at + 4), count: readU32(from, at + 8) };
    if (run.count === 0) break;
    runs.push(run);
  }
  return runs;
}

/** How many blocks the runs name. */
export function countBlocks(runs: readonly Run[]): number {
  return runs.reduce((sum, run) => sum + run.count, 0);
}
