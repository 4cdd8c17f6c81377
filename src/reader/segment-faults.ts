/** Segment faults: what is missing of a journal, as far as heads, claims and lengths tell without looking at cells. */
import { equal } from '../core/bytes.js';
import { describePlace, describeSegment, streams } from '../format/place.js';
import type { SegmentView, UnreadableSegment } from '../journal/journal-view.js';
import { claimOf } from './claim.js';

/** One line each, beginning with the place. */
export function segmentFaults(found: readonly (SegmentView | UnreadableSegment)[]): string[] {
  const segments = found.filter((one) => 'place' in one);
  return [
    ...found.flatMap((one) => ('place' in one ? one.faults : [one.fault.message])),
    ...segments.flatMap((segment, at) => [
      ...sequenceFaults(segments[at - 1], segment),
      ...(segment.claim ? [] : [`${describeSegment(segment.place)}, synced: missing or damaged`]),
      ...lengthFaults(segment, segments[at + 1]),
    ]),
  ];
}

/** A segment's head says how the one before it was left; a gap or another id means that something is missing. */
function sequenceFaults(before: SegmentView | undefined, segment: SegmentView): string[] {
  const sameLane = before && equal(before.place.lane, segment.place.lane);
  const { previous, place } = segment;
  const where = describeSegment(place);
  if (!previous) return place.segment === 0 ? [] : [`${where}: head names no segment before it`];
  if (!sameLane || before.place.segment !== previous.segment)
    return [`${where}: segment ${previous.segment}, which its head names as the one before it, is missing`];
  if (!equal(before.place.id, previous.id))
    return [`${where}: the segment before it is not the one that its head names`];
  return [];
}

function lengthFaults(segment: SegmentView, next: SegmentView | undefined): string[] {
  const claim = claimOf(segment, next);
  return streams
    .filter((stream) => segment.counts[stream] < claim[stream])
    .map(
      (stream) =>
        `${describePlace(segment.place, stream, segment.counts[stream])}: the stream ends here, but ${claim[stream]} cells were known to be on disk; mail may be missing`,
    );
}
