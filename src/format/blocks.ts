/** Block sizes: how a plaintext of some length is cut into blocks (spec/sealing.md, Blocks). */
import { cellSizes, checkSize } from './cell.js';
import { runSize } from './runs.js';

export const commitmentSize = 32;
export const aeadTagSize = 16;

/** Octets of plaintext in a data block after the first, and in every index block. */
export const blockTextSize = cellSizes.blocks - checkSize - aeadTagSize;
/** Octets of plaintext in the first data block, which begins with the commitment. */
export const firstBlockTextSize = blockTextSize - commitmentSize;
/** Runs that one index block holds. */
export const runsPerIndexBlock = Math.floor(blockTextSize / runSize);

/** How many data blocks a plaintext of this length takes; at least one. */
export function blocksFor(length: number): number {
  return 1 + Math.max(0, Math.ceil((length - firstBlockTextSize) / blockTextSize));
}
