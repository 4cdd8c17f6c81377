/** Directory segment: the cells of one segment in its folder, of the channels from both copies. */
import { join } from 'node:path';
import { FormatError } from '../core/errors.js';
import { cellSizes, checkedHash } from '../format/cell.js';
import type { Counts } from '../format/claim.js';
import { headSize, type SegmentHead } from '../format/head.js';
import { describePlace, type SegmentPlace, type Stream, streams } from '../format/place.js';
import type { FileCache } from './file-cache.js';
import type { SegmentStamp, SegmentView } from './journal-view.js';
import { mirrorFile } from './names.js';
import { readAround } from './read-around.js';
import { type SegmentState, stateNow } from './segment-state.js';

/** The files of a segment that have a head. */
export type FileName = Stream | typeof mirrorFile;
export const fileNames: readonly FileName[] = [...streams, mirrorFile];

export class DirectorySegment implements SegmentView {
  readonly week: string;
  readonly previous: SegmentHead['previous'];
  readonly place: SegmentPlace;

  constructor(
    head: Omit<SegmentHead, 'stream'>,
    readonly claim: Counts | undefined,
    readonly checkpoint: Uint8Array | undefined,
    readonly counts: Counts,
    readonly faults: readonly string[],
    readonly folder: string,
    readonly files: FileCache,
    readonly state?: SegmentState,
  ) {
    const { journal, lane, segment, id } = head;
    this.place = { journal, lane, segment, id };
    this.week = head.week;
    this.previous = head.previous;
  }

  async read(stream: Stream, first: number, count: number, into?: Uint8Array): Promise<Uint8Array> {
    if (stream !== 'channels') return this.#readFile(stream, stream, first, count, into);
    const [cells, mirror] = await this.readCopies(stream, first, count);
    return this.#mend(cells as Uint8Array, first, mirror as Uint8Array);
  }

  /** As it was when the segment was opened, where that was told; else as it is now. */
  async stamp(): Promise<SegmentStamp | undefined> {
    return (this.state ?? stateNow(this.folder))?.stamp;
  }

  readCopies(stream: Stream, first: number, count: number): Promise<Uint8Array[]> {
    const names: FileName[] = stream === 'channels' ? [stream, mirrorFile] : [stream];
    // What cannot be read is zeros: the caller finds these cells damaged, and the other copy may have them.
    return Promise.all(
      names.map(async (name) => {
        const size = cellSizes[stream];
        const read = (from: number, most: number, into?: Uint8Array) =>
          this.#readFile(name, stream, from, most, into);
        return (await readAround(read, size, first, count, new Uint8Array(count * size))).cells;
      }),
    );
  }

  async #readFile(
    name: FileName,
    stream: Stream,
    first: number,
    count: number,
    into?: Uint8Array,
  ): Promise<Uint8Array> {
    const size = cellSizes[stream];
    const bytes = await this.files
      .read(join(this.folder, name), headSize + first * size, count * size, into)
      .catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return new Uint8Array(0);
        throw new FormatError(describePlace(this.place, stream, first), `cannot be read (${error.code})`);
      });
    return bytes.subarray(0, bytes.length - (bytes.length % size));
  }

  #mend(cells: Uint8Array, first: number, mirror: Uint8Array): Uint8Array {
    const size = cellSizes.channels;
    const mended = cells.length >= mirror.length ? cells : new Uint8Array(mirror.length);
    if (mended !== cells) mended.set(cells);
    for (let at = 0; at + size <= mended.length; at += size) {
      const number = first + at / size;
      const other = mirror.subarray(at, at + size);
      if (checkedHash(mended.subarray(at, at + size), this.place, 'channels', number)) continue;
      if (checkedHash(other, this.place, 'channels', number)) mended.set(other, at);
    }
    return mended;
  }
}
