/** All vectors, group by group. */

import { blocks } from './blocks.js';
import { cells } from './cells.js';
import { channels } from './channels.js';
import { checkpoints } from './checkpoints.js';
import type { Entry } from './entry.js';
import { envelopes } from './envelopes.js';
import { good } from './good.js';
import { headsAndClaims } from './heads-and-claims.js';
import { moving } from './moving.js';
import { pins } from './pins.js';

export const entries: readonly Entry[] = [
  ...good,
  ...channels,
  ...envelopes,
  ...blocks,
  ...cells,
  ...moving,
  ...headsAndClaims,
  ...checkpoints,
  ...pins,
];
