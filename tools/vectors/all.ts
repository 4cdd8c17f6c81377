/** All vectors, group by group. */
import type { Entry } from './entry.js';
import { good } from './good.js';

export const entries: readonly Entry[] = [...good];
