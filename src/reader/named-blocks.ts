/** Named blocks: the runs of an envelope or an index, held against what is there before anything is read. */
import { hex } from '../core/bytes.js';
import { FormatError } from '../core/errors.js';
import { describePlace } from '../format/place.js';
import type { Run } from '../format/runs.js';
import type { SegmentView } from '../journal/journal-view.js';
import type { Mail } from './mail.js';

/** Blocks of this mail are in a segment that was dropped: nobody has them, and nothing is the matter. */
export class Expired extends Error {
  constructor(readonly segment: number) {
    super(`blocks of this mail were in segment ${segment}, which was dropped`);
  }
}

/** A segment of which no block is left. */
export interface DroppedBlocks {
  readonly lane: Uint8Array;
  readonly segment: number;
  /** How many blocks it had. */
  readonly blocks: number;
}

/** The segments of a journal by lane and number, and which of them were dropped. */
export class NamedBlocks {
  readonly #segments = new Map<string, SegmentView>();
  readonly #dropped = new Set<string>();
  /** Lanes of which a segment was dropped: only there can a mail be expired. */
  readonly #lanesWithDropped = new Set<string>();
  /** Blocks that there are or were in a lane. */
  readonly #inLane = new Map<string, number>();

  constructor(segments: readonly SegmentView[], dropped: readonly DroppedBlocks[]) {
    const add = (lane: string, blocks: number) =>
      this.#inLane.set(lane, (this.#inLane.get(lane) ?? 0) + blocks);
    for (const segment of segments) {
      const lane = hex(segment.place.lane);
      this.#segments.set(`${lane}/${segment.place.segment}`, segment);
      add(lane, segment.counts.blocks);
    }
    for (const { lane, segment, blocks } of dropped) {
      this.#dropped.add(`${hex(lane)}/${segment}`);
      this.#lanesWithDropped.add(hex(lane));
      add(hex(lane), blocks);
    }
  }

  /** No message of the mail's lane has more blocks than this. */
  inLaneOf(mail: Mail): number {
    return this.#inLane.get(mail.lane) ?? 0;
  }

  /** Whether the mail can be expired at all. */
  mayBeExpired(mail: Mail): boolean {
    return this.#lanesWithDropped.size > 0 && this.#lanesWithDropped.has(mail.lane);
  }

  /** The segment that a run names. Throws FormatError if it is missing, Expired if it was dropped. */
  segmentOf(mail: Mail, run: Run): SegmentView {
    const key = `${mail.lane}/${run.segment}`;
    const segment = this.#segments.get(key);
    if (segment) return segment;
    if (this.#dropped.has(key)) throw new Expired(run.segment);
    throw new FormatError(mail.place, `blocks of this mail are in segment ${run.segment}, which is missing`);
  }

  /** Throws FormatError if the runs name a block that is not there, Expired if one is in a segment that was dropped. */
  mustBeThere(mail: Mail, runs: readonly Run[]): void {
    for (const run of runs) {
      const { place, counts } = this.segmentOf(mail, run);
      if (run.first + run.count > counts.blocks)
        throw new FormatError(
          describePlace(place, 'blocks', Math.max(run.first, counts.blocks)),
          'block is missing: the file ends before it',
        );
    }
  }
}

/** Throws FormatError if the runs name a block twice: else reading them takes no longer than reading the lane once. */
export function mustBeDistinct(mail: Mail, runs: readonly Run[]): void {
  const sorted = [...runs].sort((a, b) => a.segment - b.segment || a.first - b.first);
  for (const [at, run] of sorted.entries()) {
    const before = sorted[at - 1];
    if (before?.segment === run.segment && before.first + before.count > run.first)
      throw new FormatError(mail.place, `block ${run.first} of segment ${run.segment} is named twice`);
  }
}
