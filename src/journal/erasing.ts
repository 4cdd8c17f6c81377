/** Erasing: envelopes written over for good, so that a crash at any moment leaves each as it was, or erased at the next start. */
import { join } from 'node:path';
import { equal } from '../core/bytes.js';
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
import type { SegmentPlace } from '../format/place.js';
import type { AppendFile, Disk } from './disk.js';
import { setErasedTime } from './erased-time.js';
import { constantTime, erasingFile, laneFolder, segmentFolder } from './names.js';

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
  /** How many envelopes of a segment that is being written are on disk; undefined for all other segments. */
  claimed?(lane: Uint8Array, segment: number): number | undefined;
  /** Told before envelopes of a segment that is being written are erased. */
  erasing?(lane: Uint8Array, segment: number, count: number): void;
}

/**
 * Erases envelopes, one result for each order. Durable when it resolves. If the disk fails, it rejects; what was begun is
 * finished by `finishErasing`.
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
  await writeList(at, erasures);
  await carryOut(at, erasures);
  return results;
}

/**
 * Does what is left of an erasure that was cut off. To be called before the journal is written to. Tells whether there
 * was something that cannot be read.
 */
export async function finishErasing(at: ErasingPlace): Promise<{ damaged: boolean }> {
  const bytes = await at.disk.read(join(at.folder, erasingFile)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (bytes === undefined) return { damaged: false };
  const erasures = decodeErasing(bytes);
  await carryOut(at, erasures ?? []);
  return { damaged: erasures === undefined };
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
    const claimed = at.claimed?.(order.lane, order.segment);
    if (claimed !== undefined && order.envelope >= claimed) return 'open';
    if (!equal(sha256(order.secret), cell.subarray(0, tagSize))) return 'foreign';
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

/** Writes over what is listed, makes it durable, and removes the list. */
async function carryOut(at: ErasingPlace, erasures: readonly Erasure[]): Promise<void> {
  const left = [...erasures];
  while (left[0] !== undefined) {
    const first = left[0];
    const ofSegment = (one: Erasure) => one.segment === first.segment && equal(one.lane, first.lane);
    const together = left.filter(ofSegment);
    left.splice(0, left.length, ...left.filter((one) => !ofSegment(one)));
    await eraseInSegment(at, together, first);
  }
  const { disk, folder } = at;
  await disk.removeUnfinished(join(folder, erasingFile));
  await disk.syncFolder(folder);
  await disk.setFolderTime(folder, constantTime).catch(() => undefined);
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
  at.erasing?.(lane, segment, erasures.length);
  try {
    for (const erasure of [...erasures].sort((a, b) => a.envelope - b.envelope))
      await file.write(offsetOf(erasure), [erasedCell(erasure, place)]);
    await file.sync();
    await setErasedTime(file);
  } finally {
    await file.close();
  }
}

async function openEnvelopes(
  { disk, folder, journal }: ErasingPlace,
  { lane, segment }: Pick<ErasureOrder, 'lane' | 'segment'>,
): Promise<{ file: AppendFile; place: SegmentPlace } | undefined> {
  const path = join(segmentFolder(laneFolder(folder, lane), segment), 'envelopes');
  const file = await disk.open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return undefined;
  try {
    const { id } = decodeSegmentHead(await file.read(0, headSize), path);
    return { file, place: { journal, lane, segment, id } };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function offsetOf({ envelope }: Pick<ErasureOrder, 'envelope'>): number {
  return headSize + envelope * cellSizes.envelopes;
}
