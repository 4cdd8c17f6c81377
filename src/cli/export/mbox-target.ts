/** mbox: one file, put in its place when all of it is there; what was cut off is gone on with. */
import { Problem } from '../../core/errors.js';
import type { Target } from './target.js';

export async function mboxFile(path: string): Promise<Target> {
  throw new Problem('usage', `${path}: not yet`);
}
