/** Segments, and cells at their places: journal.md, Streams, Places, Cells and Erased envelopes. */
import { sha256 } from '@noble/hashes/sha2.js';
import { areZeros, ascii, equal, fromHex, join, unsigned } from './bytes.js';
import type { Checkpoint } from './checkpoints.js';
import { type Files, octetsOf } from './files.js';
import { type Claim, type Previous, type Stream, streams } from './heads.js';

/** What the place of a cell is made of, besides stream and number. Ids are in hexadecimal. */
export type SegmentName = { journal: string; lane: string; number: number; id: string };

/** The three streams, and the second copy of the channels. */
export type StreamFile = Stream | 'channels.mirror';

/** A segment that can be read, or what is left of one that was dropped: its good checkpoint, and no cells. */
export type Segment = SegmentName & {
  folder: string;
  isDropped: boolean;
  checkpoint: Checkpoint | undefined;
  previous: Previous | undefined;
  /** Its own claim; undefined if `synced` claims nothing. */
  claimed: Claim | undefined;
  /** The effective claim. */
  claim: Claim;
  /** Whole cells of each file. */
  lengths: Record<StreamFile, number>;
};

/** A cell with the H of its body at its place, and whether its check holds. */
export type Cell = { body: Uint8Array; H: Uint8Array; holds: boolean };

/** Journal.md, Places: the 65 octets. */
export function place({ journal, lane, number, id }: SegmentName, stream: Stream, n: number): Uint8Array {
  const ids = [fromHex(journal), fromHex(lane), unsigned(number, 8), fromHex(id)];
  return join(...ids, unsigned(streams[stream].code, 1), unsigned(n, 8));
}

/** Journal.md, Naming places: a lane, a segment, one of its files, a cell. */
export function placeOfLane(lane: string): string {
  return `lane ${lane.slice(0, 8)}`;
}

export function placeOfSegment({ lane, number }: Pick<SegmentName, 'lane' | 'number'>): string {
  return `${placeOfLane(lane)}, segment ${number}`;
}

export function placeOfCell(segment: Pick<SegmentName, 'lane' | 'number'>, file: StreamFile, n: number) {
  const cell = `${streams[streamOf(file)].word} ${n}`;
  return `${placeOfSegment(segment)}, ${cell}${file === 'channels.mirror' ? ' (mirror)' : ''}`;
}

export function streamOf(file: StreamFile): Stream {
  return file === 'channels.mirror' ? 'channels' : file;
}

/** Journal.md, Cells: H. */
export function hashOf(at: Uint8Array, body: Uint8Array): Uint8Array {
  return sha256(join(ascii('obalka cell v1\n'), at, body));
}

/** Whether an envelope ends as an erased one does. */
export function endsAsErased(body: Uint8Array): boolean {
  return areZeros(body.subarray(96));
}

/** Journal.md, Erased envelopes: whether a body has the form. */
export function isErased(body: Uint8Array): boolean {
  return endsAsErased(body) && equal(sha256(body.subarray(32, 64)), body.subarray(0, 32));
}

/** Journal.md, Cells and Erased envelopes: the leaf data of a cell. */
export function leafData(stream: Stream, { body, H }: Cell): Uint8Array {
  if (stream !== 'envelopes') return H;
  return join(body.subarray(0, 32), isErased(body) ? body.subarray(64, 96) : H);
}

/** Journal.md, Streams: whole cells of a stream; the channels are as long as the longer copy. */
export function lengthOf({ lengths }: Segment, stream: Stream): number {
  return stream === 'channels' ? Math.max(lengths.channels, lengths['channels.mirror']) : lengths[stream];
}

/** Cell n of one file, undefined if it is not there whole. */
export function cellOf(files: Files, segment: Segment, file: StreamFile, n: number): Cell | undefined {
  if (n >= segment.lengths[file]) return undefined;
  const stream = streamOf(file);
  const { size } = streams[stream];
  const cell = octetsOf(files, `${segment.folder}/${file}`, 4096 + n * size, size);
  if (cell.length < size) return undefined;
  const body = cell.subarray(0, size - 16);
  const H = hashOf(place(segment, stream, n), body);
  return { body, H, holds: equal(H.subarray(0, 16), cell.subarray(size - 16)) };
}

/** Journal.md, Streams: the copy of channel cell n whose check holds, that of `channels` first. */
export function channelCell(files: Files, segment: Segment, n: number): Cell | undefined {
  const first = cellOf(files, segment, 'channels', n);
  if (first?.holds) return first;
  const second = cellOf(files, segment, 'channels.mirror', n);
  return second?.holds ? second : undefined;
}
