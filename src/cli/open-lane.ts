/** Opening the lane of a data directory, with the channels that its cells are sealed by. */
import { join } from 'node:path';
import { isoWeek } from '../core/week.js';
import type { LaneCause } from '../format/head.js';
import { createJournal } from '../journal/create-journal.js';
import { nodeDisk } from '../journal/disk.js';
import { Lane } from '../journal/lane.js';
import { segmentNumber } from '../journal/names.js';
import type { Registry } from '../registry/registry.js';
import { fingerprintOf } from '../seal/keys.js';
import { ChannelTable, type PendingEnvelope } from '../server/channel-table.js';
import type { DataDirectory } from './data-directory.js';
import { causeOf, markOf, readMark, writeMark } from './place-mark.js';
import { random } from './random.js';
import { keptSigners } from './signers.js';

export interface OpenedLane {
  readonly lane: Lane<PendingEnvelope>;
  readonly channels: ChannelTable;
}

const said: Readonly<Record<LaneCause, string>> = {
  restore: 'this journal was restored: a new lane begins',
  copy: 'this data directory is a copy: a new lane begins',
  'lost-segments': 'segments that were written are gone: a new lane begins; see obalka verify',
  'lost-key': 'no signing key of this journal is here: a new lane begins',
};

/** The highest number of a segment that is there; -1 if there is none. */
async function newestSegment(data: DataDirectory, lane: string): Promise<number> {
  const names = await nodeDisk.list(join(data.journal, `lane-${lane}`)).catch(() => []);
  return Math.max(-1, ...names.map((name) => segmentNumber(name) ?? -1));
}

/** For the process that holds the lock. Nothing is written to a stream before a segment is needed; `onSegment` hears of each. */
export async function openLane(
  data: DataDirectory,
  registry: Registry,
  log: (event: string) => void,
  onSegment: () => void = () => {},
): Promise<OpenedLane> {
  const mark = await readMark(data);
  const cause = await causeOf(data, mark, (lane) => newestSegment(data, lane));
  const channels = new ChannelTable({
    activeKeys: () =>
      registry.activeKeys().map((publicKey) => ({ publicKey, fingerprint: fingerprintOf(publicKey) })),
    random,
  });
  const lane = await Lane.open<PendingEnvelope>({
    disk: nodeDisk,
    folder: data.journal,
    journal: (await createJournal(nodeDisk, data.journal, random)).id,
    sealing: channels,
    random,
    signers: keptSigners(data.signers),
    onChanged: () => log('the journal was changed while the server did not run: see obalka verify'),
    week: () => isoWeek(Date.now()),
    cause,
    onSegment: (at) => {
      // Without it nothing is lost but the notice of segments that go missing.
      void markOf(data, at)
        .then((now) => writeMark(data, now))
        .catch(() => log('the file "place" cannot be written'));
      onSegment();
    },
  });
  if (cause !== undefined) log(said[cause]);
  if (cause !== undefined || mark === undefined) await writeMark(data, await markOf(data, undefined));
  return { lane, channels };
}
