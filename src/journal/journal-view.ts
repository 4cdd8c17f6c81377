/** Journal view: all that a reader needs of a journal, wherever it is kept. Cells by position; nothing that tells who asks for whom. */
import type { Counts } from '../format/claim.js';
import type { Lineage, PreviousSegment } from '../format/head.js';
import type { SegmentPlace, Stream } from '../format/place.js';

export interface JournalView {
  /** The journal's id, 16 bytes. */
  readonly id: Uint8Array;
  /** Lane by lane: first the lane, then all its segments in order of number, those that cannot be read included. */
  segments(memory?: SegmentMemory): Promise<JournalPart[]>;
  close(): Promise<void>;
}

/** What earlier looks at segments found: one whose files are as they were then need not be opened again. */
export interface SegmentMemory {
  recall(lane: Uint8Array, segment: number): RememberedSegment | undefined;
  remember(lane: Uint8Array, segment: number, found: RememberedSegment): void;
  /** Milliseconds since 1970. */
  now(): number;
}

/** A whole segment, as it was found while its files were in one state. */
export interface RememberedSegment {
  /** The same text as long as no file of the segment was changed or exchanged. */
  readonly state: string;
  readonly id: Uint8Array;
  readonly week: string;
  readonly previous: PreviousSegment | undefined;
  readonly claim: Counts;
  readonly checkpoint: Uint8Array | undefined;
}

export type JournalPart = LaneStart | SegmentView | DroppedSegment | UnreadableSegment;

/** A lane, before its segments. */
export interface LaneStart {
  /** Its id, as its folder says. */
  readonly lane: Uint8Array;
  /** The public key of its checkpoints; undefined if its head cannot be read. */
  readonly signer: Uint8Array | undefined;
  /** The lane that it took over from; undefined for the first one. */
  readonly continues: Lineage | undefined;
  /** What is the matter with its head. */
  readonly laneFault: Error | undefined;
}

/** A segment of which a checkpoint is left, and no file of cells. */
export interface DroppedSegment {
  readonly dropped: { readonly lane: Uint8Array; readonly segment: number };
  /** The file as it is; nothing in it was checked. */
  readonly checkpoint: Uint8Array;
}

/**
 * What tells, without reading them, that the cells of a segment which were there are as they were: of each stream, if the
 * text is the same as before. `erased` besides, of envelopes to which others were added since; undefined if it tells nothing.
 */
export interface SegmentStamp {
  readonly channels: string;
  readonly envelopes: string;
  readonly erased: string | undefined;
}

/** One segment. */
export interface SegmentView {
  readonly place: SegmentPlace;
  /** ISO week in which it was begun: "2026-W47". */
  readonly week: string;
  /** How the segment before it was left, as this one's head says. */
  readonly previous: PreviousSegment | undefined;
  /** The file `checkpoint` as it is, nothing in it checked; undefined if there is none. */
  readonly checkpoint: Uint8Array | undefined;
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
  /** Undefined if there is nothing that tells; then all that matters is read again. */
  stamp?(): Promise<SegmentStamp | undefined>;
  /** Raw cells of every copy of the stream that is kept: of the channels two, of the others one. For verification. */
  readCopies(stream: Stream, first: number, count: number): Promise<Uint8Array[]>;
}

/** A segment of which no head can be read, or the head of the whole journal if that is so. */
export interface UnreadableSegment {
  readonly fault: Error;
  /** What is the matter with each of its heads; each begins with its place. */
  readonly faults?: readonly string[];
  /** Which segment it is; undefined for the journal's head. */
  readonly unreadable?: { readonly lane: Uint8Array; readonly segment: number };
}
