/** Retention: which segments are old, and how they are dropped, so that a crash at any moment is finished at the next start. */
import { join } from 'node:path';
import { equal } from '../core/bytes.js';
import { weekEnd } from '../core/week.js';
import {
  decodeLaneHead,
  decodeSegmentHead,
  headSize,
  type SegmentHead,
  smallHeadSize,
} from '../format/head.js';
import { streams } from '../format/place.js';
import { keepCheckpoint, readCheckpointOf } from './checkpoint-file.js';
import type { Disk } from './disk.js';
import {
  claimFile,
  constantTime,
  droppingFolder,
  droppingNumber,
  laneFile,
  laneOfFolder,
  mirrorFile,
  segmentFolder,
  segmentNumber,
} from './names.js';

/** A segment that may be dropped. */
export interface OldSegment {
  /** The lane's id. */
  readonly lane: Uint8Array;
  readonly segment: number;
  /** In which it was begun. */
  readonly week: string;
  /** Of its files. */
  readonly octets: number;
}

export interface Old {
  readonly segments: readonly OldSegment[];
  /** The end of the week of the newest segment, in milliseconds since 1970; undefined if there is none. */
  readonly newest: number | undefined;
}

const cellFiles = [...streams, mirrorFile] as const;
const allFiles = [...cellFiles, claimFile] as const;

/**
 * The segments that hold nothing which came after `before` (milliseconds since 1970): those whose successor's week ended by
 * then. One without a good last checkpoint is not among them, nor is the last one of a lane. Those of `except`, which are
 * being written, are not counted for the newest.
 */
export async function findOld(
  disk: Disk,
  folder: string,
  before: number,
  except: readonly { readonly lane: Uint8Array; readonly segment: number }[] = [],
): Promise<Old> {
  const segments: OldSegment[] = [];
  let newest: number | undefined;
  for (const name of (await disk.list(folder)).sort()) {
    const lane = laneOfFolder(name);
    if (!lane) continue;
    const path = join(folder, name);
    const heads = await readHeads(disk, path);
    for (const { segment, week } of heads)
      if (!except.some((one) => one.segment === segment && equal(one.lane, lane)))
        newest = Math.max(newest ?? 0, weekEnd(week));
    for (const [at, head] of heads.entries()) {
      const next = heads[at + 1];
      if (!next || weekEnd(next.week) > before || !(await isClosed(disk, path, head, next))) continue;
      segments.push({
        lane,
        segment: head.segment,
        week: head.week,
        octets: await octetsOf(disk, segmentFolder(path, head.segment)),
      });
    }
  }
  return { segments, newest };
}

/** Drops segments for good. Their checkpoints stay. What is begun is finished by `finishDropping`. */
export async function dropSegments(disk: Disk, folder: string, old: readonly OldSegment[]): Promise<void> {
  for (const { lane, segment } of old) {
    const path = join(folder, `lane-${Buffer.from(lane).toString('hex')}`);
    // What is left must last before the rest goes.
    const kept = await keepCheckpoint(disk, segmentFolder(path, segment), segment);
    if (!kept) throw new Error(`the checkpoint of segment ${segment} cannot be kept`);
    await disk.makeFolder(droppingFolder(path, segment));
    await disk.syncFolder(path);
    await drop(disk, path, segment);
  }
}

/** Finishes what a crash cut off, in all lanes. To be called before the journal is written to. */
export async function finishDropping(disk: Disk, folder: string): Promise<void> {
  for (const name of await disk.list(folder)) {
    if (!laneOfFolder(name)) continue;
    const path = join(folder, name);
    for (const one of await disk.list(path)) {
      const segment = droppingNumber(one);
      if (segment !== undefined) await drop(disk, path, segment);
    }
  }
}

/** Moves the files of cells out, which takes no time however large they are, and removes them then. */
async function drop(disk: Disk, lane: string, segment: number): Promise<void> {
  const from = segmentFolder(lane, segment);
  const to = droppingFolder(lane, segment);
  const there = new Set(await disk.list(from));
  for (const name of allFiles) if (there.has(name)) await disk.rename(join(from, name), join(to, name));
  await disk.syncFolder(to);
  await disk.syncFolder(from);
  await disk.setFolderTime(from, constantTime).catch(() => undefined);
  await disk.removeUnfinished(to);
  await disk.syncFolder(lane);
  await disk.setFolderTime(lane, constantTime).catch(() => undefined);
}

/** The heads of a lane's segments that have their cells, in order; one that cannot be read ends the list of what may go. */
async function readHeads(disk: Disk, lane: string): Promise<SegmentHead[]> {
  const numbers = (await disk.list(lane)).map(segmentNumber).filter((number) => number !== undefined);
  const heads: SegmentHead[] = [];
  for (const number of numbers.sort((a, b) => a - b)) {
    const path = join(segmentFolder(lane, number), 'blocks');
    const head = await disk
      .read(path, headSize)
      .then((bytes) => decodeSegmentHead(bytes, path))
      .catch(() => undefined);
    if (head) heads.push(head);
  }
  return heads;
}

/** Whether a segment has a checkpoint of all that its successor says was claimed, signed by the lane's writer. */
async function isClosed(disk: Disk, lane: string, head: SegmentHead, next: SegmentHead): Promise<boolean> {
  const left = next.previous;
  if (!left || left.segment !== head.segment || !equal(left.id, head.id)) return false;
  const { signer } = decodeLaneHead(await disk.read(join(lane, laneFile), smallHeadSize + 1), lane);
  const found = await readCheckpointOf(disk, segmentFolder(lane, head.segment), head, signer);
  return (
    found !== undefined && streams.every((stream) => found.trees[stream].size >= left.extents[stream].claim)
  );
}

async function octetsOf(disk: Disk, folder: string): Promise<number> {
  let octets = 0;
  for (const name of cellFiles) {
    const file = await disk.open(join(folder, name)).catch(() => undefined);
    if (!file) continue;
    octets += await file.size();
    await file.close();
  }
  return octets;
}
