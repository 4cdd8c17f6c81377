/** Opening the lanes of a data directory: which are gone on with, and one of them with the channels that its cells are sealed by. */
import { join } from 'node:path';
import { hex } from '../../core/bytes.js';
import { isoWeek } from '../../core/week.js';
import type { LaneCause } from '../../format/head.js';
import { createJournal } from '../../journal/create-journal.js';
import { nodeDisk } from '../../journal/disk.js';
import { finishErasing } from '../../journal/erasing.js';
import { Lane } from '../../journal/lane.js';
import { type LanesPlace, ownLanes } from '../../journal/lane-folder.js';
import { segmentNumber } from '../../journal/names.js';
import { finishDropping } from '../../journal/retention.js';
import type { Registry } from '../../registry/registry.js';
import { fingerprintOf } from '../../seal/keys.js';
import { ChannelTable, type PendingEnvelope } from '../../server/channel-table.js';
import type { DataDirectory } from '../data/data-directory.js';
import { causeOf, PlaceMarking, readMark } from '../data/place-mark.js';
import type { EventCode } from '../log/events.js';
import type { Log } from '../log/log.js';
import { random } from '../random.js';
import { keptSigners } from './signers.js';

export interface OpenedLane {
  readonly lane: Lane<PendingEnvelope>;
  readonly channels: ChannelTable;
}

/** A journal that is about to be written. */
export interface PlannedLanes {
  readonly at: LanesPlace;
  /** At least as many as were asked for. */
  readonly lanes: readonly Uint8Array[];
  /** To be told of each segment that is begun. */
  onSegment(lane: Uint8Array, segment: number): void;
}

const said: Readonly<Record<LaneCause, EventCode>> = {
  restore: 'lane-restored',
  copy: 'lane-copied',
  'lost-segments': 'segments-gone',
  'lost-key': 'key-gone',
};

/** The highest number of a segment that is there; -1 if there is none. */
async function newestSegment(data: DataDirectory, lane: string): Promise<number> {
  const names = await nodeDisk.list(join(data.journal, `lane-${lane}`)).catch(() => []);
  return Math.max(-1, ...names.map((name) => segmentNumber(name) ?? -1));
}

/** The place of a data directory's lanes, whose journal is there. */
export function lanesPlace(data: DataDirectory, journal: Uint8Array): LanesPlace {
  return { disk: nodeDisk, folder: data.journal, journal, random, signers: keptSigners(data.signers) };
}

/** For the process that holds the lock: finishes what was begun, and says which lanes are written here. */
export async function planLanes(data: DataDirectory, count: number, log: Log): Promise<PlannedLanes> {
  const mark = await readMark(data);
  const causes = await causeOf(data, mark, (lane) => newestSegment(data, lane));
  const at = lanesPlace(data, (await createJournal(nodeDisk, data.journal, random)).id);
  await finishDropping(nodeDisk, data.journal);
  const { damaged, left } = await finishErasing(at);
  if (damaged || left) log('journal-changed');
  const own = await ownLanes(
    at,
    count,
    (lane) => causes.all ?? (causes.lost.has(hex(lane)) ? 'lost-segments' : undefined),
  );
  const why = new Set(own.causes);
  if (causes.all !== undefined) why.add(causes.all);
  if (causes.lost.size > 0) why.add('lost-segments');
  // The key went with whatever else is said.
  if (why.size > 1) why.delete('lost-key');
  for (const cause of why) log(said[cause]);
  const marking = await PlaceMarking.start(data, own.lanes.map(hex), mark);
  if (why.size > 0 || mark === undefined) await marking.write();
  return {
    at,
    lanes: own.lanes,
    onSegment(lane, segment) {
      // Without it nothing is lost but the notice of segments that go missing.
      void marking.begun(lane, segment).catch(() => log('place-unwritten'));
    },
  };
}

/** What a lane tells its opener. */
interface LaneEvents {
  onChanged(): void;
  onSegment(segment: number): void;
  readonly onCommit?: ((milliseconds: number) => void) | undefined;
}

/** Takes up one lane, as its only writer. Nothing is written to a stream before a segment is needed; `onSegment` hears of each. */
export async function takeUp(
  at: LanesPlace,
  lane: Uint8Array,
  registry: Registry,
  { onChanged, onSegment, onCommit }: LaneEvents,
): Promise<OpenedLane> {
  const channels = new ChannelTable({
    activeKeys: () =>
      registry.activeKeys().map((publicKey) => ({ publicKey, fingerprint: fingerprintOf(publicKey) })),
    random,
  });
  const options = {
    ...at,
    sealing: channels,
    onChanged,
    onCommit,
    week: () => isoWeek(Date.now()),
    onSegment: ({ segment }: { readonly segment: number }) => onSegment(segment),
  };
  return { lane: await Lane.takeUp<PendingEnvelope>(options, lane), channels };
}

/** For a process that holds the lock and writes by itself: the first of the lanes. */
export async function openLane(data: DataDirectory, registry: Registry, log: Log): Promise<OpenedLane> {
  const { at, lanes, onSegment } = await planLanes(data, 1, log);
  const lane = lanes[0] as Uint8Array;
  return takeUp(at, lane, registry, {
    onChanged: () => log('journal-changed'),
    onSegment: (segment) => onSegment(lane, segment),
  });
}
