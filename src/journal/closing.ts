/** Closing: the last checkpoint of a segment whose writer was killed, made from its cells beside all other work. */
import { join } from 'node:path';
import { cellSizes, checkedHash } from '../format/cell.js';
import type { Checkpoint, TreeHead } from '../format/checkpoint.js';
import { headSize, type PreviousSegment } from '../format/head.js';
import { type SegmentPlace, type Stream, streams } from '../format/place.js';
import {
  keepCheckpoint,
  type NamedCheckpoint,
  readOwnCheckpoint,
  writeCheckpoint,
} from './checkpoint-file.js';
import type { AppendFile, Disk } from './disk.js';
import { setErasedTime } from './erased-time.js';
import { constantTime, mirrorFile, segmentFolder } from './names.js';
import { SegmentTrees } from './segment-trees.js';
import type { LaneSigner } from './signers.js';

export interface ClosingOptions {
  readonly disk: Disk;
  /** The lane's folder. */
  readonly lane: string;
  readonly place: Pick<SegmentPlace, 'journal' | 'lane'>;
  readonly left: PreviousSegment;
  /** Whether the time of its envelopes does not say how many were erased. */
  readonly untimed: boolean;
  readonly signer: LaneSigner;
  /** Told once if the segment is not what its checkpoint says. */
  readonly onChanged: () => void;
  readonly signal: AbortSignal;
}

/** Octets that are read and hashed between two looks at what else is to be done. */
const octetsAtOnce = 2 ** 18;

/**
 * Sees to it that the segment has a checkpoint of all that is claimed of it (spec/checkpoints.md, Closing what a crash
 * left). Resolves with the one that it has then. Rejects only if that cannot be read.
 */
export async function closeSegment(options: ClosingOptions): Promise<NamedCheckpoint | undefined> {
  const { disk, lane, left, untimed, signal } = options;
  const folder = segmentFolder(lane, left.segment);
  const closed = await close(options, folder).catch(() => undefined);
  if (untimed) await setTime(disk, folder, signal).catch(() => undefined);
  return closed ?? keepCheckpoint(disk, folder, left.segment);
}

async function setTime(disk: Disk, folder: string, signal: AbortSignal): Promise<void> {
  const file = await disk.open(join(folder, 'envelopes'));
  await setErasedTime(file, signal).finally(() => file.close());
}

async function close(options: ClosingOptions, folder: string): Promise<NamedCheckpoint | undefined> {
  const { disk, left, signer, onChanged } = options;
  const place: SegmentPlace = { ...options.place, segment: left.segment, id: left.id };
  const old = await readOwnCheckpoint(disk, folder, place, signer);
  if (old && streams.every((stream) => old.trees[stream].size === left.extents[stream].claim))
    return undefined;
  const trees = await hashCells(options, folder, place, old);
  if (trees === 'changed') onChanged();
  if (trees === 'changed' || trees === 'unreadable') return undefined;
  const previous = old ? old.previous : await nameBefore(options);
  return {
    segment: left.segment,
    hash: await writeCheckpoint(disk, folder, { ...place, trees, previous }, signer),
  };
}

/** The segment before the one that is closed: its checkpoint, as it is. */
async function nameBefore({ disk, lane, left }: ClosingOptions): Promise<NamedCheckpoint | undefined> {
  if (left.segment === 0) return undefined;
  return keepCheckpoint(disk, segmentFolder(lane, left.segment - 1), left.segment - 1);
}

async function hashCells(
  { disk, left, signal }: ClosingOptions,
  folder: string,
  place: SegmentPlace,
  old: Checkpoint | undefined,
): Promise<Record<Stream, TreeHead> | 'unreadable' | 'changed'> {
  const trees = new SegmentTrees();
  const sizes = { channels: 0, envelopes: 0, blocks: 0 };
  for (const stream of streams) {
    const claim = left.extents[stream].claim;
    const names = stream === 'channels' ? [stream, mirrorFile] : [stream];
    const files = await openAll(disk, folder, names);
    try {
      const known = old?.trees[stream];
      if (known && known.size > claim) return 'changed';
      // A stop at the size that was signed, to hold its root against the cells that are there now.
      for (const end of [...(known ? [known.size] : []), claim]) {
        while (sizes[stream] < end) {
          if (signal.aborted) return 'unreadable';
          const count = Math.min(Math.floor(octetsAtOnce / cellSizes[stream]), end - sizes[stream]);
          if (!(await keepCells(files, trees, place, stream, sizes[stream], count))) return 'unreadable';
          sizes[stream] += count;
          await trees.hashUpTo(sizes);
        }
        if (known && end === known.size && Buffer.compare(trees.heads()[stream].root, known.root) !== 0)
          return 'changed';
      }
    } finally {
      // Reading set the times of access.
      await Promise.allSettled(
        files.map(async (file) => file.setTime(stream === 'envelopes' ? await file.time() : constantTime)),
      );
      await Promise.allSettled(files.map((file) => file.close()));
    }
  }
  return trees.heads();
}

async function openAll(disk: Disk, folder: string, names: readonly string[]): Promise<AppendFile[]> {
  const opened = await Promise.allSettled(names.map((name) => disk.open(join(folder, name))));
  return opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

/** Keeps the leaves of some cells, each from the first file that has it whole. False if one of them is nowhere. */
async function keepCells(
  files: readonly AppendFile[],
  trees: SegmentTrees,
  place: SegmentPlace,
  stream: Stream,
  first: number,
  count: number,
): Promise<boolean> {
  const size = cellSizes[stream];
  const copies = await Promise.all(files.map((file) => file.read(headSize + first * size, count * size)));
  for (let at = 0; at < count; at++) {
    let found = false;
    for (const copy of copies) {
      const cell = copy.subarray(at * size, (at + 1) * size);
      const hash = checkedHash(cell, place, stream, first + at);
      if (!hash) continue;
      trees.keep(stream, cell, hash);
      found = true;
      break;
    }
    if (!found) return false;
  }
  return true;
}
