/** Lane folder: which lanes are a writer's own, how one is made whole before it gets its name, and how it is taken up. */
import { join } from 'node:path';
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

/** Where lanes are, and what it takes to make one. */
export interface LanesPlace {
  readonly disk: Disk;
  /** The journal's folder. */
  readonly folder: string;
  readonly journal: Uint8Array;
  readonly random: (length: number) => Uint8Array;
  readonly signers: Signers;
}

/** The lanes that writers here go on with, and why some of them are new. */
export interface OwnLanes {
  /** Ids, in their order; at least as many as were asked for. */
  readonly lanes: readonly Uint8Array[];
  /** Why lanes were begun that go on from others. */
  readonly causes: ReadonlySet<LaneCause>;
}

/**
 * Lanes whose signing key is here and that no other took over from, at least `count`: where there are fewer, lanes are
 * made. `cause` says why one must not be gone on with; then another is made that goes on from it.
 */
export async function ownLanes(
  at: LanesPlace,
  count: number,
  cause: (lane: Uint8Array) => LaneCause | undefined = () => undefined,
): Promise<OwnLanes> {
  const last = await lastLanes(at);
  const kept = await Promise.all(last.map(async (lane) => (await at.signers.find(lane)) !== undefined));
  const own = last.filter((_, index) => kept[index]);
  const causes = new Set<LaneCause>();
  const lanes: Uint8Array[] = [];
  for (const lane of own.length > 0 ? own : last) {
    const why = cause(lane) ?? (own.length > 0 ? undefined : 'lost-key');
    if (why === undefined) lanes.push(lane);
    else {
      causes.add(why);
      const checkpoint = await newestCheckpoint(at.disk, laneFolder(at.folder, lane));
      lanes.push(await makeLane(at, { lane, cause: why, checkpoint }));
    }
  }
  while (lanes.length < count) lanes.push(await makeLane(at, undefined));
  return { lanes: lanes.sort((a, b) => (hex(a) < hex(b) ? -1 : 1)), causes };
}

/** Takes up a lane. Old segments are synced and read, never rewritten. */
export async function takeUpLane(
  { disk, folder: journalFolder, journal, signers }: LanesPlace,
  lane: Uint8Array,
): Promise<LaneFolder> {
  const folder = laneFolder(journalFolder, lane);
  // Its name may not have been durable when the process before this one died.
  await disk.syncFolder(journalFolder);
  const head = await readLane(disk, folder, journal);
  const signer = await signers.find(lane);
  if (!signer || !equal(head.signer, signer.publicKey))
    throw new FormatError(folder, 'the signing key that is kept for this lane is not the one in its head');
  const left = await recoverPrevious(disk, folder, journal, head.lane, signer);
  return { id: head.lane, folder, previous: left?.previous, untimed: left?.untimed ?? false, signer };
}

/** Ids of the lanes that no other one took over from, in order. */
async function lastLanes({ disk, folder, journal }: LanesPlace): Promise<Uint8Array[]> {
  const names = (await disk.list(folder)).sort();
  const lanes = names.map(laneOfFolder).filter((lane) => lane !== undefined);
  const followed = new Set<string>();
  for (const lane of lanes) {
    const head = await readLane(disk, laneFolder(folder, lane), journal).catch(() => undefined);
    if (head?.continues) followed.add(hex(head.continues.lane));
  }
  return lanes.filter((lane) => !followed.has(hex(lane)));
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
  { disk, folder: journalFolder, journal, random, signers }: LanesPlace,
  continues: Lineage | undefined,
): Promise<Uint8Array> {
  const lane = random(idSize);
  const signer = await signers.make(lane);
  const making = join(journalFolder, `lane.${unfinishedFolder}`);
  await disk.removeUnfinished(making);
  await disk.makeFolder(making);
  const file = await disk.create(join(making, laneFile));
  await file.write(0, [encodeLaneHead({ journal, lane, signer: signer.publicKey, continues })]);
  await file.sync();
  await file.setTime(constantTime);
  await file.close();
  await disk.syncFolder(making);
  await disk.setFolderTime(making, constantTime);
  await disk.rename(making, laneFolder(journalFolder, lane));
  await disk.syncFolder(journalFolder);
  await disk.setFolderTime(journalFolder, constantTime);
  return lane;
}
