/** Erasing: envelopes written over for good, so that a crash at any moment leaves each as it was, or erased at the next start. */
import { join } from 'node:path';
import { equal } from '../core/bytes.js';
import { append } from '../core/long-lists.js';
import { sha256 } from '../core/sha256.js';
import { cellSizes, checkedHash, isErased, tagSize } from '../format/cell.js';
import {
  decodeErasing,
  type Erasure,
  type ErasureOrder,
  encodeErasing,
  erasedCell,
  isOrder,
  isSame,
} from '../format/erasure.js';
import { decodeSegmentHead, headSize } from '../format/head.js';
import { type SegmentPlace, streams } from '../format/place.js';
import type { AppendFile, Disk } from './disk.js';
import { setErasedTime } from './erased-time.js';
import { constantTime, erasingFile, laneFolder, mirrorFile, segmentFolder } from './names.js';
import type { ErasedEnvelope } from './segment-writer.js';

/**
 * What became of an order: *open*: it is not yet known to be on disk, so try again in a moment; *missing*: no such
 * envelope; *foreign*: the secret is not that of the envelope there; *damaged*: the cell does not match its check.
 */
export type ErasureResult = 'erased' | 'already' | 'open' | 'missing' | 'foreign' | 'damaged';

/** The journal in which is erased. */
export interface ErasingPlace {
  readonly disk: Disk;
  readonly folder: string;
  readonly journal: Uint8Array;
  /** Those who write lanes of the journal now. */
  readonly writers?: LaneWriters;
}

/** What eraser and writers of lanes must know of each other, in whatever processes they are. */
export interface LaneWriters {
  /** The segment of a lane that is being written, and how many of its envelopes are known to be on disk. */
  open(lane: Uint8Array): Promise<{ readonly segment: number; readonly claimed: number } | undefined>;
  /**
   * Writes over envelopes of it, and makes that durable. False if it is being written no more; then its writer, and
   * whoever closes what a crash left of the lane, have done with it when this resolves.
   */
  erase(lane: Uint8Array, segment: number, cells: readonly ErasedEnvelope[]): Promise<boolean>;
}

/**
 * Erases envelopes, one result for each order. Durable when it resolves. If the disk fails, it rejects, and
 * `finishErasing` goes on with it later.
 */
export async function eraseEnvelopes(
  at: ErasingPlace,
  orders: readonly ErasureOrder[],
): Promise<ErasureResult[]> {
  await finishErasing(at);
  const results: ErasureResult[] = [];
  const erasures: Erasure[] = [];
  for (const order of orders) {
    const found = await look(at, order);
    if (typeof found === 'string') results.push(found);
    else {
      if (!erasures.some((other) => isSame(other, order))) erasures.push({ ...order, hash: found });
      results.push('erased');
    }
  }
  if (erasures.length === 0) return results;
  const listed = await readList(at);
  const left = Array.isArray(listed) ? listed : [];
  await writeList(at, [...left, ...erasures]);
  const { failed, error } = await carryOut(at, erasures, left);
  if (failed.length > 0) throw error;
  return results;
}

/**
 * Does what is left of an erasure that was cut off. To be called before the journal is written to. What the disk does not
 * allow now stays in the list for the next time. Tells whether the list cannot be read, and whether something is left.
 */
export async function finishErasing(at: ErasingPlace): Promise<{ damaged: boolean; left: boolean }> {
  const listed = await readList(at);
  if (listed === undefined) return { damaged: false, left: false };
  const { failed } = await carryOut(at, listed === 'damaged' ? [] : listed);
  return { damaged: listed === 'damaged', left: failed.length > 0 };
}

async function readList({ disk, folder }: ErasingPlace): Promise<Erasure[] | 'damaged' | undefined> {
  const bytes = await disk.read(join(folder, erasingFile)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return bytes && (decodeErasing(bytes) ?? 'damaged');
}

/** H of the cell that an order is for, or why it cannot be erased. */
async function look(at: ErasingPlace, order: ErasureOrder): Promise<Uint8Array | ErasureResult> {
  if (!isOrder(order)) return 'missing';
  const opened = await openEnvelopes(at, order);
  if (!opened) return 'missing';
  const { file, place } = opened;
  try {
    const cell = await file.read(offsetOf(order), cellSizes.envelopes);
    if (cell.length < cellSizes.envelopes) return 'missing';
    const open = await at.writers?.open(order.lane);
    if (open?.segment === order.segment && order.envelope >= open.claimed) return 'open';
    if (!isProven(order, cell)) return 'foreign';
    const hash = checkedHash(cell, place, 'envelopes', order.envelope);
    if (!hash) return 'damaged';
    return isErased(cell) ? 'already' : hash;
  } finally {
    // Reading set the time of access.
    await file.setTime(await file.time()).catch(() => undefined);
    await file.close();
  }
}

/** The list comes first, and lasts: from then on all of it is erased, whatever happens. */
async function writeList({ disk, folder }: ErasingPlace, erasures: readonly Erasure[]): Promise<void> {
  const path = join(folder, erasingFile);
  const unfinished = `${path}.unfinished`;
  await disk.removeUnfinished(unfinished);
  const file = await disk.create(unfinished);
  try {
    await file.write(0, [encodeErasing(erasures)]);
    await file.sync();
    await file.setTime(constantTime).catch(() => undefined);
  } finally {
    await file.close();
  }
  await disk.rename(unfinished, path);
  await disk.syncFolder(folder);
}

/** Writes over what is listed, segment by segment, and makes it durable. The list stays if anything failed, else only `left`. */
async function carryOut(
  at: ErasingPlace,
  erasures: readonly Erasure[],
  left: readonly Erasure[] = [],
): Promise<{ failed: Erasure[]; error?: unknown }> {
  let waiting = [...erasures];
  const failed: Erasure[] = [];
  let fault: unknown;
  while (waiting[0] !== undefined) {
    const first = waiting[0];
    const ofSegment = (one: Erasure) => one.segment === first.segment && equal(one.lane, first.lane);
    const together = waiting.filter(ofSegment);
    waiting = waiting.filter((one) => !ofSegment(one));
    await eraseInSegment(at, together, first).catch((error: unknown) => {
      fault = error;
      append(failed, together);
    });
  }
  const { disk, folder } = at;
  if (failed.length > 0) return { failed, error: fault };
  if (left.length > 0) await writeList(at, left);
  else await disk.removeUnfinished(join(folder, erasingFile));
  await disk.syncFolder(folder);
  await disk.setFolderTime(folder, constantTime).catch(() => undefined);
  return { failed };
}

async function eraseInSegment(
  at: ErasingPlace,
  erasures: readonly Erasure[],
  { lane, segment }: Erasure,
): Promise<void> {
  // A segment that was dropped meanwhile took its envelopes with it.
  const opened = await openEnvelopes(at, { lane, segment });
  if (!opened) return;
  const { file, place } = opened;
  try {
    const cells: ErasedEnvelope[] = [];
    for (const erasure of [...erasures].sort((a, b) => a.envelope - b.envelope)) {
      const there = await file.read(offsetOf(erasure), cellSizes.envelopes);
      // Whoever wrote the list: nothing is written over but what the secret is of, and nothing beyond the end.
      if (there.length < cellSizes.envelopes || !isProven(erasure, there)) continue;
      const cell = erasedCell(erasure, place);
      if (!equal(there, cell)) cells.push({ number: erasure.envelope, cell });
    }
    if (await at.writers?.erase(lane, segment, cells)) return;
    for (const { number, cell } of cells) await file.write(offsetOf({ envelope: number }), [cell]);
    await file.sync();
    await setErasedTime(file);
  } finally {
    await file.close();
  }
}

function isProven({ secret }: ErasureOrder, cell: Uint8Array): boolean {
  return equal(sha256(secret), cell.subarray(0, tagSize));
}

/** The file of envelopes, and the segment's id as the first of its heads says it that can be read. */
async function openEnvelopes(
  { disk, folder, journal }: ErasingPlace,
  { lane, segment }: Pick<ErasureOrder, 'lane' | 'segment'>,
): Promise<{ file: AppendFile; place: SegmentPlace } | undefined> {
  const at = segmentFolder(laneFolder(folder, lane), segment);
  const file = await disk.open(join(at, 'envelopes')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return undefined;
  try {
    let fault: unknown;
    for (const name of [...streams, mirrorFile])
      try {
        const path = join(at, name);
        const { id } = decodeSegmentHead(await disk.read(path, headSize), path);
        return { file, place: { journal, lane, segment, id } };
      } catch (error) {
        fault ??= error;
      }
    throw fault;
  } catch (error) {
    await file.close();
    throw error;
  }
}

function offsetOf({ envelope }: Pick<ErasureOrder, 'envelope'>): number {
  return headSize + envelope * cellSizes.envelopes;
}
