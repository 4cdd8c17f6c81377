/** Effective claim: how many cells of a segment are known to have been on disk (spec/journal.md, Effective claim). */
import { hex } from '../core/bytes.js';
import type { Counts } from '../format/claim.js';
import type { SegmentView } from '../journal/journal-view.js';

/** What is known to have been on disk: the segment's own claim, or more, if its successor says more. */
export function claimOf(segment: SegmentView, next: SegmentView | undefined): Counts {
  const own = segment.claim ?? { channels: 0, envelopes: 0, blocks: 0 };
  const said = next?.previous;
  const follows =
    next && hex(next.place.lane) === hex(segment.place.lane) && said?.segment === segment.place.segment;
  if (!follows) return own;
  return {
    channels: Math.max(own.channels, said.extents.channels.claim),
    envelopes: Math.max(own.envelopes, said.extents.envelopes.claim),
    blocks: Math.max(own.blocks, said.extents.blocks.claim),
  };
}
