/** Segment faults: what is missing of a segment, as far as heads, claims and lengths tell without looking at cells. */
import { equal } from '../core/bytes.js';
import type { Counts } from '../format/claim.js';
import { describePlace, describeSegment, streams } from '../format/place.js';
import type { SegmentView } from '../journal/journal-view.js';

/** A segment's head says how the one before it was left; a gap or another id means that something is missing. */
export function sequenceFaults(
  before: { readonly segment: number; readonly id: Uint8Array } | undefined,
  { previous, place }: SegmentView,
): string[] {
  const where = describeSegment(place);
  if (!previous) return place.segment === 0 ? [] : [`${where}: head names no segment before it`];
  if (before?.segment !== previous.segment)
    return [`${where}: segment ${previous.segment}, which its head names as the one before it, is missing`];
  if (!equal(before.id, previous.id))
    return [`${where}: the segment before it is not the one that its head names`];
  return [];
}

/** Streams that are shorter than they are known to have been. */
export function lengthFaults({ place, counts }: SegmentView, claim: Counts): string[] {
  return streams
    .filter((stream) => counts[stream] < claim[stream])
    .map(
      (stream) =>
        `${describePlace(place, stream, counts[stream])}: the stream ends here, but ${claim[stream]} cells were known to be on disk; mail may be missing`,
    );
}
