/** Lane folder: the lane that a writer takes up, or the first one, made whole before it gets its name. */
import { join } from 'node:path';
import { equal } from '../core/bytes.js';
import { FormatError } from '../core/errors.js';
import { encodeLaneHead, type PreviousSegment } from '../format/head.js';
import { idSize } from '../format/place.js';
import type { Disk } from './disk.js';
import { constantTime, laneFile, laneFolder, laneOfFolder, unfinishedFolder } from './names.js';
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
 * Takes up the first lane of the journal whose signing key is here, or makes one. Old segments are synced and read, never
 * rewritten.
 */
export async function takeUpLane(
  disk: Disk,
  journalFolder: string,
  journal: Uint8Array,
  random: (length: number) => Uint8Array,
  signers: Signers,
): Promise<LaneFolder> {
  const own = await findOwnLane(disk, journalFolder, signers);
  if (!own) return makeLane(disk, journalFolder, journal, random(idSize), signers);
  const { folder, signer } = own;
  // Its name may not have been durable when the process before this one died.
  await disk.syncFolder(journalFolder);
  const head = await readLane(disk, folder, journal);
  if (!equal(head.signer, signer.publicKey))
    throw new FormatError(folder, 'the signing key that is kept for this lane is not the one in its head');
  const left = await recoverPrevious(disk, folder, journal, head.lane, signer);
  return { id: head.lane, folder, previous: left?.previous, untimed: left?.untimed ?? false, signer };
}

async function findOwnLane(disk: Disk, journalFolder: string, signers: Signers) {
  for (const name of (await disk.list(journalFolder)).sort()) {
    const lane = laneOfFolder(name);
    const signer = lane && (await signers.find(lane));
    if (signer) return { folder: join(journalFolder, name), signer };
  }
  return undefined;
}

async function makeLane(
  disk: Disk,
  journalFolder: string,
  journal: Uint8Array,
  id: Uint8Array,
  signers: Signers,
): Promise<LaneFolder> {
  const folder = laneFolder(journalFolder, id);
  const signer = await signers.make(id);
  const making = join(journalFolder, `lane.${unfinishedFolder}`);
  await disk.removeUnfinished(making);
  await disk.makeFolder(making);
  const file = await disk.create(join(making, laneFile));
  await file.write(0, [encodeLaneHead({ journal, lane: id, signer: signer.publicKey })]);
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
