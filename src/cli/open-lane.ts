/** Opening the lane of a data directory, with the channels that its cells are sealed by. */
import { isoWeek } from '../core/week.js';
import { createJournal } from '../journal/create-journal.js';
import { nodeDisk } from '../journal/disk.js';
import { Lane } from '../journal/lane.js';
import type { Registry } from '../registry/registry.js';
import { fingerprintOf } from '../seal/keys.js';
import { ChannelTable, type PendingEnvelope } from '../server/channel-table.js';
import type { DataDirectory } from './data-directory.js';
import { random } from './random.js';
import { keptSigners } from './signers.js';

export interface OpenedLane {
  readonly lane: Lane<PendingEnvelope>;
  readonly channels: ChannelTable;
}

/** For the process that holds the lock. Nothing is written to a stream before a segment is needed; `onSegment` hears of each. */
export async function openLane(
  data: DataDirectory,
  registry: Registry,
  log: (event: string) => void,
  onSegment: () => void = () => {},
): Promise<OpenedLane> {
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
    onSegment,
  });
  return { lane, channels };
}
