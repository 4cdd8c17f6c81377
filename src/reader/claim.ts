/** Effective claim: how many cells of a segment are known to have been on disk (spec/journal.md, Effective claim). */
import { equal } from '../core/bytes.js';
import type { Checkpoint } from '../format/checkpoint.js';
import { type Counts, noCells } from '../format/claim.js';
import type { PreviousSegment } from '../format/head.js';
import type { SegmentPlace, Stream } from '../format/place.js';
import type { SegmentView } from '../journal/journal-view.js';

/** The largest of what the segment claims itself, what its successor says of it, and what its good checkpoint covers. */
export function claimOf(
  segment: { readonly place: SegmentPlace; readonly claim: Counts | undefined },
  next: Pick<SegmentView, 'place' | 'previous'> | undefined,
  checkpoint: Checkpoint | undefined,
): Counts {
  const own = segment.claim ?? noCells;
  const said = saidBy(next, segment.place)?.extents;
  const largest = (stream: Stream) =>
    Math.max(own[stream], said?.[stream].claim ?? 0, checkpoint?.trees[stream].size ?? 0);
  return { channels: largest('channels'), envelopes: largest('envelopes'), blocks: largest('blocks') };
}

/** What the next segment that can be read says of this one, if it is its successor. */
function saidBy(
  next: Pick<SegmentView, 'place' | 'previous'> | undefined,
  place: SegmentPlace,
): PreviousSegment | undefined {
  return next && equal(next.place.lane, place.lane) && next.previous?.segment === place.segment
    ? next.previous
    : undefined;
}
