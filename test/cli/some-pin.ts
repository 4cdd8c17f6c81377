/** A pin of nothing that exists, for tests of the file alone. */
import { type Checkpoint, decodeCheckpoint } from '../../src/format/checkpoint.js';
import type { Pin } from '../../src/reader/pins.js';
import { bytesFrom } from '../support/chance.js';
import { signCheckpoint, someKey } from '../support/sign-journal.js';

/** How many lanes each of several readers pins, one after the other. */
export const lanesOfLoop = 5;

export function somePin(journal: string, lane: string, segment: number, size: number): Pin {
  const tree = { size, root: bytesFrom(`${size}`, 32) };
  const checkpoint: Checkpoint = {
    journal: bytesFrom(journal, 16),
    lane: bytesFrom(lane, 16),
    segment,
    id: bytesFrom(`${segment}`, 16),
    trees: { channels: tree, envelopes: tree, blocks: tree },
    previous: undefined,
  };
  return { signer: someKey.publicKey, checkpoint: decodeCheckpoint(signCheckpoint(checkpoint), 'a pin') };
}
