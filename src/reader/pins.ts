/** Pins: what a reader remembers of a journal's lanes, and whether it still finds it (spec/checkpoints.md, Pins). */
import { equal } from '../core/bytes.js';
import { append } from '../core/long-lists.js';
import type { SignedCheckpoint } from '../format/checkpoint.js';
import { describeLane, describeSegment, streams } from '../format/place.js';
import type { Lane, LiveSegment } from './survey.js';

/** A checkpoint that was good when it was seen, and the public key that it was signed under. */
export interface Pin {
  readonly signer: Uint8Array;
  readonly checkpoint: SignedCheckpoint;
}

/** What the pins of this journal do not find again; and what nobody can check any more. */
export function pinFaults(
  pins: readonly Pin[],
  lanes: readonly Lane[],
): { faults: string[]; notes: string[] } {
  const faults: string[] = [];
  const notes: string[] = [];
  for (const { checkpoint, signer } of pins) {
    const lane = lanes.find(({ id }) => equal(id, checkpoint.lane));
    const where = describeSegment(checkpoint);
    const live = lane?.live.find(({ view }) => view.place.segment === checkpoint.segment);
    const remains = lane?.dropped.find(({ dropped }) => dropped.segment === checkpoint.segment);
    if (!lane)
      faults.push(`${describeLane(checkpoint.lane)}: was there when it was last read, and is gone: deletion`);
    else if (lane.signer && !equal(lane.signer, signer))
      faults.push(
        `${describeLane(checkpoint.lane)}: another key signs for it than when it was last read: exchange`,
      );
    else if (!live && !remains)
      faults.push(`${where}: was there when it was last read, and is gone: deletion`);
    else if (live) append(faults, liveFaults(checkpoint, live));
    else if (remains) {
      const found = checkpointFaults(checkpoint, remains.checkpoint.id, remains.checkpoint);
      append(faults, found);
      if (found.length === 0)
        notes.push(`${where}: was dropped; what was seen of it cannot be checked any more`);
    }
  }
  return { faults: [...new Set(faults)], notes: [...new Set(notes)] };
}

function liveFaults(seen: SignedCheckpoint, { view, checkpoint }: LiveSegment): string[] {
  const faults = checkpointFaults(seen, view.place.id, checkpoint);
  if (faults.length > 0) return faults;
  return streams
    .filter((stream) => view.counts[stream] < seen.trees[stream].size)
    .map(
      (stream) =>
        `${describeSegment(seen)}, ${stream}: had ${seen.trees[stream].size} cells when it was last read, and has ${view.counts[stream]}: rollback`,
    );
}

/** What differs between a checkpoint that was seen and what is there now in its place. */
function checkpointFaults(
  seen: SignedCheckpoint,
  id: Uint8Array,
  now: Pick<SignedCheckpoint, 'trees' | 'previous'> | undefined,
): string[] {
  const where = describeSegment(seen);
  if (!equal(id, seen.id)) return [`${where}: is another segment than when it was last read: fork`];
  if (!now) return [`${where}: had a checkpoint when it was last read, and has no good one: rollback`];
  const faults: string[] = [];
  for (const stream of streams) {
    const [old, young] = [seen.trees[stream], now.trees[stream]];
    if (young.size < old.size)
      faults.push(
        `${where}, ${stream}: the checkpoint had ${old.size} cells when it was last read, and has ${young.size}: rollback`,
      );
    else if (young.size === old.size && !equal(young.root, old.root))
      faults.push(`${where}, ${stream}: the ${old.size} cells are others than when it was last read: fork`);
  }
  const [before, after] = [seen.previous, now.previous];
  const isSame =
    before && after ? before.segment === after.segment && equal(before.hash, after.hash) : before === after;
  if (!isSame) faults.push(`${where}: another past stands before it than when it was last read: exchange`);
  return faults;
}

/** The newest good checkpoint of each lane. */
export function newestPins(lanes: readonly Lane[]): Pin[] {
  return lanes.flatMap(({ signer, live, dropped }) => {
    const good: SignedCheckpoint[] = [...live, ...dropped].flatMap(({ checkpoint }) => checkpoint ?? []);
    good.sort((a, b) => a.segment - b.segment);
    const newest = good.at(-1);
    return signer && newest ? [{ signer, checkpoint: newest }] : [];
  });
}
