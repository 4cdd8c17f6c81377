/** Survey: what a journal is, as far as heads, claims, lengths, checkpoints and pins tell without looking at cells. */
import { equal } from '../core/bytes.js';
import { FormatError } from '../core/errors.js';
import { append } from '../core/long-lists.js';
import type { SignedCheckpoint } from '../format/checkpoint.js';
import type { Counts } from '../format/claim.js';
import type { LaneCause, Lineage } from '../format/head.js';
import { describeLane, describeSegment } from '../format/place.js';
import type {
  DroppedSegment,
  JournalPart,
  JournalView,
  SegmentMemory,
  SegmentView,
} from '../journal/journal-view.js';
import { chainFault, goodCheckpoint, placeOf } from './checkpoints.js';
import { claimOf } from './claim.js';
import { newestPins, type Pin, pinFaults } from './pins.js';
import { lengthFaults, sequenceFaults } from './segment-faults.js';

/** A segment that can be read. */
export interface LiveSegment {
  readonly view: SegmentView;
  /** The effective claim. */
  readonly claim: Counts;
  /** Its checkpoint, if that is good. */
  readonly checkpoint: SignedCheckpoint | undefined;
  /** What readers have pinned of it, with the signer that the lane has. */
  readonly pins: readonly Pin[];
}

/** A segment of which a good checkpoint is left. */
export interface Remains {
  readonly dropped: DroppedSegment['dropped'];
  readonly checkpoint: SignedCheckpoint;
}

/** A lane as it was found. */
export interface Lane {
  readonly id: Uint8Array;
  /** The key of its checkpoints, as its head says or, if that cannot be read, as it was pinned. */
  readonly signer: Uint8Array | undefined;
  readonly live: readonly LiveSegment[];
  readonly dropped: readonly Remains[];
}

export interface Survey {
  readonly lanes: readonly Lane[];
  /** Each begins with its place. */
  readonly faults: readonly string[];
  /** How many of them are of pins: rollback, fork, deletion, exchange. */
  readonly pinFaults: number;
  /** Which lane took over from which, and why, in words. */
  readonly lineage: readonly string[];
  /** What nobody can check any more, and is no fault. */
  readonly notes: readonly string[];
  /** The newest good checkpoint of each lane, to be pinned; none if a pin or a checkpoint is at fault. */
  readonly newest: readonly Pin[];
}

/** Looks at every lane and segment; what a memory has is not opened again. Damage is collected, never thrown. */
export async function survey(
  view: JournalView,
  pins: readonly Pin[] = [],
  memory?: SegmentMemory,
): Promise<Survey> {
  const own = pins.filter(({ checkpoint }) => equal(checkpoint.journal, view.id));
  const faults: string[] = [];
  const notes: string[] = [];
  const lanes: Lane[] = [];
  let signed = 0;
  const parts = await view.segments(memory);
  for (const lane of byLane(parts)) {
    const found = surveyLane(view.id, lane, own, notes);
    if (found.lane) lanes.push(found.lane);
    for (const fault of found.faults) faults.push(fault);
    for (const fault of found.checkpointFaults) faults.push(fault);
    signed += found.checkpointFaults.length;
  }
  const pinned = pinFaults(own, lanes);
  return {
    lanes,
    faults: [...pinned.faults, ...faults],
    pinFaults: pinned.faults.length,
    lineage: parts.flatMap((part) =>
      'lane' in part && part.continues ? [inWords(part.lane, part.continues)] : [],
    ),
    notes: [...notes, ...pinned.notes],
    newest: signed + pinned.faults.length > 0 ? [] : newestPins(lanes),
  };
}

const causes: Readonly<Record<LaneCause, string>> = {
  restore: 'a backup was put back',
  copy: 'it is written in a copy of the data directory',
  'lost-segments': 'segments of it were gone',
  'lost-key': 'its signing key was gone',
};

function inWords(lane: Uint8Array, { lane: before, cause, checkpoint }: Lineage): string {
  const until = checkpoint ? `, with segment ${checkpoint.segment} as the newest that was signed` : '';
  return `${describeLane(lane)} went on from ${describeLane(before)}${until}: ${causes[cause]}`;
}

/** Each lane with its segments; what belongs to no lane by itself. */
function byLane(parts: readonly JournalPart[]): JournalPart[][] {
  const lanes: JournalPart[][] = [];
  for (const part of parts) {
    if ('lane' in part || lanes.length === 0) lanes.push([]);
    lanes.at(-1)?.push(part);
  }
  return lanes;
}

function surveyLane(
  journal: Uint8Array,
  parts: readonly JournalPart[],
  pins: readonly Pin[],
  notes: string[],
) {
  const faults: string[] = [];
  const checkpointFaults: string[] = [];
  const start = parts.find((part) => 'lane' in part);
  const ours = pins.filter(({ checkpoint }) => start && equal(checkpoint.lane, start.lane));
  const signer = start?.signer ?? ours[0]?.signer;
  if (start?.laneFault) faults.push(start.laneFault.message);
  const good = (file: Uint8Array | undefined, at: { lane: Uint8Array; segment: number; id?: Uint8Array }) => {
    if (!file || !signer) return undefined;
    try {
      return goodCheckpoint(file, { ...at, journal, id: at.id }, signer);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      checkpointFaults.push(error.message);
      return undefined;
    }
  };

  // What is there, with its checkpoint; a segment that is not to be read has no place in the sequence.
  const known: (
    | Remains
    | { readonly view: SegmentView; readonly checkpoint: SignedCheckpoint | undefined }
  )[] = [];
  for (const part of parts) {
    if ('place' in part) known.push({ view: part, checkpoint: good(part.checkpoint, part.place) });
    else if ('dropped' in part) {
      const checkpoint = good(part.checkpoint, part.dropped);
      if (checkpoint) known.push({ dropped: part.dropped, checkpoint });
      else faults.push(`${describeSegment(part.dropped)}: no head of the segment can be read`);
    } else if ('fault' in part) faults.push(...(part.faults ?? []), part.fault.message);
  }

  const live: LiveSegment[] = [];
  for (const [at, one] of known.entries()) {
    const before = known[at - 1];
    const { checkpoint } = one;
    if ('view' in one) {
      const next = known.slice(at + 1).find((other) => 'view' in other)?.view;
      const claim = claimOf(one.view, next, checkpoint);
      const pinned = ours.filter((pin) => pin.checkpoint.segment === one.view.place.segment);
      live.push({ view: one.view, claim, checkpoint, pins: pinned });
      append(faults, one.view.faults);
      append(faults, sequenceFaults(before && placed(before), one.view));
      if (!one.view.claim) faults.push(`${describeSegment(one.view.place)}, synced: missing or damaged`);
      append(faults, lengthFaults(one.view, claim));
    }
    if (!checkpoint) continue;
    const named = 'view' in one ? one.view.previous?.segment : undefined;
    const file = before && fileOf(parts, before);
    const fault = chainFault(checkpoint, before && { segment: placed(before).segment, file }, named);
    if (fault) checkpointFaults.push(fault);
    if (!checkpoint.previous && checkpoint.segment > 0)
      notes.push(`${placeOf(checkpoint)}: it names none before it; no signature ties it to what came before`);
  }
  const lane = start && { id: start.lane, signer, live, dropped: known.filter((one) => 'dropped' in one) };
  return { lane, faults, checkpointFaults };
}

function placed(one: Remains | { readonly view: SegmentView }) {
  return 'view' in one ? one.view.place : { ...one.dropped, id: one.checkpoint.id };
}

function fileOf(parts: readonly JournalPart[], one: Remains | { readonly view: SegmentView }) {
  if ('view' in one) return one.view.checkpoint;
  const part = parts.find((other) => 'dropped' in other && other.dropped === one.dropped);
  return part && 'checkpoint' in part ? part.checkpoint : undefined;
}
