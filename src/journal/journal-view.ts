/** Journal view: all that a reader needs of a journal, wherever it is kept. Cells by position; nothing that tells who asks for whom. */
import type { Counts } from '../format/claim.js';
import type { PreviousSegment } from '../format/head.js';
import type { SegmentPlace, Stream } from '../format/place.js';

export interface JournalView {
  /** The journal's id, 16 bytes. */
  readonly id: Uint8Array;
  /** All segments, lane by lane in order of number, those that cannot be read included. */
  segments(): Promise<(SegmentView | UnreadableSegment)[]>;
  close(): Promise<void>;
}

/** One segment. */
export interface SegmentView {
  readonly place: SegmentPlace;
  /** ISO week in which it was begun: "2026-W47". */
  readonly week: string;
  /** How the segment before it was left, as this one's head says. */
  readonly previous: PreviousSegment | undefined;
  /** What is known to have been on disk; undefined if the claim cannot be read. */
  readonly claim: Counts | undefined;
  /** Whole cells there are now. */
  readonly counts: Counts;
  /** Heads that are missing or damaged, although another file's head told what the segment is. */
  readonly faults: readonly string[];
  /**
   * Raw cells, unchecked, one after the other; fewer at the end of the stream. Channel cells that do not match their
   * check are taken from the mirror where that one does. `into` is room for `count` cells that may be used for them.
   */
  read(stream: Stream, first: number, count: number, into?: Uint8Array): Promise<Uint8Array>;
  /** Raw cells of every copy of the stream that is kept: of the channels two, of the others one. For verification. */
  readCopies(stream: Stream, first: number, count: number): Promise<Uint8Array[]>;
}

/** One fault of what cannot be read as a segment: of its heads, of all of it, or of a lane's head. */
export interface UnreadableSegment {
  readonly fault: Error;
}
