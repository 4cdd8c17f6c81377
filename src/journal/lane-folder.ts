/** Lane folder: the lane that a writer takes up, or the first one, made whole before it gets its name. */
import { join } from 'node:path';
import { encodeLaneHead, type PreviousSegment } from '../format/head.js';
import { idSize } from '../format/place.js';
import type { Disk } from './disk.js';
import { constantTime, isLaneFolder, laneFile, laneFolder, unfinishedFolder } from './names.js';
import { readLane, recoverPrevious } from './recovery.js';

export interface LaneFolder {
  readonly id: Uint8Array;
  readonly folder: string;
  /** How its last segment was left; undefined if it has none. */
  readonly previous: PreviousSegment | undefined;
}

/** Takes up the journal's lane, or makes its first. Old segments are synced and read, never rewritten. */
export async function takeUpLane(
  disk: Disk,
  journalFolder: string,
  journal: Uint8Array,
  random: (length: number) => Uint8Array,
): Promise<LaneFolder> {
  const [name] = (await disk.list(journalFolder)).filter(isLaneFolder).sort();
  if (name === undefined) return makeLane(disk, journalFolder, journal, random(idSize));
  const folder = join(journalFolder, name);
  // Its name may not have been durable when the process before this one died.
  await disk.syncFolder(journalFolder);
  const id = await readLane(disk, folder, journal);
  return { id, folder, previous: await recoverPrevious(disk, folder, journal, id) };
}

async function makeLane(
  disk: Disk,
  journalFolder: string,
  journal: Uint8Array,
  id: Uint8Array,
): Promise<LaneFolder> {
  const folder = laneFolder(journalFolder, id);
  const making = join(journalFolder, `lane.${unfinishedFolder}`);
  await disk.removeUnfinished(making);
  await disk.makeFolder(making);
  const file = await disk.create(join(making, laneFile));
  await file.write(0, [encodeLaneHead({ journal, lane: id })]);
  await file.sync();
  await file.setTime(constantTime);
  await file.close();
  await disk.syncFolder(making);
  await disk.setFolderTime(making, constantTime);
  await disk.rename(making, folder);
  await disk.syncFolder(journalFolder);
  await disk.setFolderTime(journalFolder, constantTime);
  return { id, folder, previous: undefined };
}
