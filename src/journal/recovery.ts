/** Recovery: what the writer of a lane finds out about the segments before it. It reads and syncs; it changes nothing. */
import { join } from 'node:path';
import { equal, hex } from '../core/bytes.js';
import { FormatError, NewerVersion } from '../core/errors.js';
import { cellSizes } from '../format/cell.js';
import { decodeClaim, noCells } from '../format/claim.js';
import {
  decodeLaneHead,
  decodeSegmentHead,
  headSize,
  type LaneHead,
  type PreviousSegment,
  type SegmentHead,
  smallHeadSize,
} from '../format/head.js';
import { type Stream, streams } from '../format/place.js';
import { readOwnCheckpoint } from './checkpoint-file.js';
import type { Disk } from './disk.js';
import { isErasedTime } from './erased-time.js';
import { claimFile, constantTime, laneFile, mirrorFile, segmentFolder, segmentNumber } from './names.js';
import type { LaneSigner } from './signers.js';

/** Reads a lane's head and holds it against its journal and its folder. Throws FormatError. */
export async function readLane(disk: Disk, folder: string, journal: Uint8Array): Promise<LaneHead> {
  const head = decodeLaneHead(
    await disk.read(join(folder, laneFile), smallHeadSize + 1),
    join(folder, laneFile),
  );
  if (!equal(head.journal, journal)) throw new FormatError(folder, 'this lane belongs to another journal');
  if (!folder.endsWith(hex(head.lane)))
    throw new FormatError(folder, 'this folder is not named after its lane');
  return head;
}

/** A segment that is there already. */
export interface Left {
  readonly previous: PreviousSegment;
  /** Whether the time of its envelopes does not say how many were erased. */
  readonly untimed: boolean;
}

/**
 * How the lane's last segment was left. Everything in it is synced first, so that nothing after it can stand on what a
 * power cut takes away. A segment that cannot be read still counts: its number is not used again. Throws NewerVersion:
 * nothing is written behind what a newer program wrote.
 */
export async function recoverPrevious(
  disk: Disk,
  lane: string,
  journal: Uint8Array,
  laneId: Uint8Array,
  signer: LaneSigner,
): Promise<Left | undefined> {
  const numbers = (await disk.list(lane)).map(segmentNumber).filter((number) => number !== undefined);
  if (numbers.length === 0) return undefined;
  const segment = Math.max(...numbers);
  const folder = segmentFolder(lane, segment);
  const ends: Record<Stream, number> = { channels: 0, envelopes: 0, blocks: 0 };
  let untimed = false;
  let head: SegmentHead | undefined;
  let claimed: Uint8Array = new Uint8Array(0);
  for (const name of [...streams, mirrorFile, claimFile] as const) {
    try {
      const file = await disk.open(join(folder, name));
      try {
        await file.sync();
        if (name === claimFile) {
          claimed = await disk.read(join(folder, name), headSize);
          continue;
        }
        if (name !== mirrorFile)
          ends[name] = Math.max(0, Math.floor(((await file.size()) - headSize) / cellSizes[name]));
        head ??= await readHead(disk, join(folder, name));
      } finally {
        // A process that was killed had no time to set it back; and reading sets the time of access.
        const time = name === 'envelopes' ? await file.time() : constantTime;
        const isKept = isErasedTime(time, ends.envelopes);
        if (!isKept) untimed = true;
        await file.setTime(isKept ? time : constantTime).catch(() => undefined);
        await file.close();
      }
    } catch (error) {
      if (error instanceof NewerVersion || !(error instanceof FormatError || isMissing(error))) throw error;
    }
  }
  const at = { journal, lane: laneId, segment, id: head?.id ?? new Uint8Array(16) };
  const claim = decodeClaim(claimed, at) ?? noCells;
  // A checkpoint is a claim too; after a loss of power the file `synced` may be the older one.
  const signed = await readOwnCheckpoint(disk, folder, at, signer);
  const extent = (stream: Stream) => {
    const known = Math.max(claim[stream], signed?.trees[stream].size ?? 0);
    return { claim: Math.min(known, ends[stream]), end: ends[stream] };
  };
  const extents = { channels: extent('channels'), envelopes: extent('envelopes'), blocks: extent('blocks') };
  return { previous: { segment, id: at.id, extents }, untimed };
}

async function readHead(disk: Disk, path: string): Promise<SegmentHead> {
  return decodeSegmentHead(await disk.read(path, headSize), path);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
