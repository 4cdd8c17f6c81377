/** Lane folder: the lane that a writer takes up, or the first one, made whole before it gets its name. */
import { basename, join } from 'node:path';
import { equal, hex } from '../core/bytes.js';
import { FormatError } from '../core/errors.js';
import { encodeLaneHead, type LaneCause, type Lineage, type PreviousSegment } from '../format/head.js';
import { idSize } from '../format/place.js';
import { keepCheckpoint, type NamedCheckpoint } from './checkpoint-file.js';
import type { Disk } from './disk.js';
import {
  constantTime,
  laneFile,
  laneFolder,
  laneOfFolder,
  segmentFolder,
  segmentNumber,
  unfinishedFolder,
} from './names.js';
import { readLane, recoverPrevious } from './recovery.js';
import type { LaneSigner, Signers } from './signers.js';

export interface LaneFolder {
  readonly id: Uint8Array;
  readonly folder: string;
  /** How its last segment was left; undefined if it has none. */
  readonly previous: PreviousSegment | undefined;
  /** Whether the time of its envelopes does not say how many were erased. */
  readonly untimed: boolean;
  readonly signer: LaneSigner;
}

/**
 * Takes up the lane of the journal whose signing key is here and that no other took over from, or makes one. With a cause
 * it makes one that says from which it took over. Old segments are synced and read, never rewritten.
 */
export async function takeUpLane(
  disk: Disk,
  journalFolder: string,
  journal: Uint8Array,
  random: (length: number) => Uint8Array,
  signers: Signers,
  cause?: LaneCause,
): Promise<LaneFolder> {
  const last = await lastLanes(disk, journalFolder, journal);
  const own = await findOwnLane(last, signers);
  if (!own || cause !== undefined) {
    const before = own?.folder ?? last.at(-1);
    const continues = before !== undefined && {
      lane: laneOfFolder(basename(before)) as Uint8Array,
      cause: cause ?? ('lost-key' as const),
      checkpoint: await newestCheckpoint(disk, before),
    };
    return makeLane(disk, journalFolder, journal, random(idSize), signers, continues || undefined);
  }
  const { folder, signer } = own;
  // Its name may not have been durable when the process before this one died.
  await disk.syncFolder(journalFolder);
  const head = await readLane(disk, folder, journal);
  if (!equal(head.signer, signer.publicKey))
    throw new FormatError(folder, 'the signing key that is kept for this lane is not the one in its head');
  const left = await recoverPrevious(disk, folder, journal, head.lane, signer);
  return { id: head.lane, folder, previous: left?.previous, untimed: left?.untimed ?? false, signer };
}

/** Folders of the lanes that no other one took over from, in order of their names. */
async function lastLanes(disk: Disk, journalFolder: string, journal: Uint8Array): Promise<string[]> {
  const names = (await disk.list(journalFolder)).filter((name) => laneOfFolder(name)).sort();
  const followed = new Set<string>();
  for (const name of names) {
    const head = await readLane(disk, join(journalFolder, name), journal).catch(() => undefined);
    if (head?.continues) followed.add(hex(head.continues.lane));
  }
  return names
    .filter((name) => !followed.has(hex(laneOfFolder(name) as Uint8Array)))
    .map((name) => join(journalFolder, name));
}

async function findOwnLane(folders: readonly string[], signers: Signers) {
  for (const folder of folders) {
    const signer = await signers.find(laneOfFolder(basename(folder)) as Uint8Array);
    if (signer) return { folder, signer };
  }
  return undefined;
}

/** The checkpoint of the newest segment that has one. */
async function newestCheckpoint(disk: Disk, lane: string): Promise<NamedCheckpoint | undefined> {
  const numbers = (await disk.list(lane)).map(segmentNumber).filter((number) => number !== undefined);
  for (const number of numbers.sort((a, b) => b - a)) {
    const found = await keepCheckpoint(disk, segmentFolder(lane, number), number);
    if (found) return found;
  }
  return undefined;
}

async function makeLane(
  disk: Disk,
  journalFolder: string,
  journal: Uint8Array,
  id: Uint8Array,
  signers: Signers,
  continues: Lineage | undefined,
): Promise<LaneFolder> {
  const folder = laneFolder(journalFolder, id);
  const signer = await signers.make(id);
  const making = join(journalFolder, `lane.${unfinishedFolder}`);
  await disk.removeUnfinished(making);
  await disk.makeFolder(making);
  const file = await disk.create(join(making, laneFile));
  await file.write(0, [encodeLaneHead({ journal, lane: id, signer: signer.publicKey, continues })]);
  await file.sync();
  await file.setTime(constantTime);
  await file.close();
  await disk.syncFolder(making);
  await disk.setFolderTime(making, constantTime);
  await disk.rename(making, folder);
  await disk.syncFolder(journalFolder);
  await disk.setFolderTime(journalFolder, constantTime);
  return { id, folder, previous: undefined, untimed: false, signer };
}
