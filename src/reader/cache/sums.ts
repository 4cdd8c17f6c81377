/** Sums: what channels and tags of a segment were like when it was looked through (spec/cache.md, What is known of a segment). */
import { hex, view } from '../../core/bytes.js';
import { sha256, startSha256 } from '../../core/sha256.js';
import { cellSizes, tagSize } from '../../format/cell.js';
import type { SegmentView } from '../../journal/journal-view.js';

/** Cells read at a time, about a megabyte; and tags in a sum. */
export const cellsAtOnce = 819;

const sumSize = 16;

/** The sum of the channels below `tried`. */
export async function channelSum(segment: SegmentView, tried: number): Promise<string> {
  const sum = startSha256();
  for (let first = 0; first < tried; first += cellsAtOnce)
    sum.update(await segment.read('channels', first, Math.min(cellsAtOnce, tried - first)));
  return hex(sum.digest().subarray(0, sumSize));
}

/** The sum of the tags of a piece of the envelopes below `settled`. */
export async function tagSum(segment: SegmentView, piece: number, settled: number): Promise<string> {
  const first = piece * cellsAtOnce;
  return tagSumOf(await segment.read('envelopes', first, Math.min(cellsAtOnce, settled - first)));
}

function tagSumOf(cells: Uint8Array): string {
  const size = cellSizes.envelopes;
  const tags = new Uint8Array(Math.floor(cells.length / size) * tagSize);
  const from = view(cells);
  for (let at = 0; at * tagSize < tags.length; at++)
    from.copy(tags, at * tagSize, at * size, at * size + tagSize);
  return hex(sha256(tags).subarray(0, sumSize));
}

/** Sums of tags that passed by or are known already, so that few cells are read for them again. */
export class TagSums {
  /** Number of a piece → how many cells of it passed, and their sum. */
  readonly #passed = new Map<number, { readonly count: number; readonly sum: string }>();

  /** Cells as a scan met them. */
  passed(first: number, cells: Uint8Array): void {
    const count = cells.length / cellSizes.envelopes;
    if (first % cellsAtOnce === 0 && count <= cellsAtOnce)
      this.#passed.set(first / cellsAtOnce, { count, sum: tagSumOf(cells) });
  }

  /** All sums of the envelopes below `settled`, given those of the ones below `before.scanned`. */
  async below(
    settled: number,
    segment: SegmentView,
    before: { readonly scanned: number; readonly tags: readonly string[] } | undefined,
  ): Promise<string[]> {
    const sums: string[] = [];
    for (let piece = 0; piece * cellsAtOnce < settled; piece++) {
      const end = Math.min(settled, (piece + 1) * cellsAtOnce);
      const known =
        before && end <= before.scanned && end % cellsAtOnce === 0 ? before.tags[piece] : undefined;
      const passed = this.#passed.get(piece);
      const isSame = passed?.count === end - piece * cellsAtOnce;
      sums.push(known ?? (isSame ? passed.sum : await tagSum(segment, piece, settled)));
    }
    return sums;
  }
}
