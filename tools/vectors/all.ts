/** All vectors, group by group. */
import type { Entry } from './entry.js';
import { badCheckpoints } from './groups/bad-checkpoints.js';
import { blocks } from './groups/blocks.js';
import { cells } from './groups/cells.js';
import { channels } from './groups/channels.js';
import { checkpoints } from './groups/checkpoints.js';
import { claims } from './groups/claims.js';
import { dropped } from './groups/dropped.js';
import { envelopes } from './groups/envelopes.js';
import { good } from './groups/good.js';
import { heads } from './groups/heads.js';
import { leaves } from './groups/leaves.js';
import { moving } from './groups/moving.js';
import { pins } from './groups/pins.js';
import { replays } from './groups/replays.js';
import { texts } from './groups/texts.js';
import { unclaimed } from './groups/unclaimed.js';

export const entries: readonly Entry[] = [
  ...good,
  ...channels,
  ...envelopes,
  ...texts,
  ...blocks,
  ...leaves,
  ...cells,
  ...unclaimed,
  ...moving,
  ...replays,
  ...heads,
  ...claims,
  ...checkpoints,
  ...badCheckpoints,
  ...pins,
  ...dropped,
];
