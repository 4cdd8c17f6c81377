/** Directory view: a journal in a folder, or in any copy of one. It opens for reading only and takes no lock. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { equal, hex } from '../core/bytes.js';
import { FormatError, Problem } from '../core/errors.js';
import { cellSizes, checkedHash } from '../format/cell.js';
import { type Counts, decodeClaim } from '../format/claim.js';
import {
  decodeJournalHead,
  decodeLaneHead,
  decodeSegmentHead,
  headSize,
  type SegmentHead,
} from '../format/head.js';
import { describePlace, describeSegment, type SegmentPlace, type Stream, streams } from '../format/place.js';
import { FileCache, type OpenFile } from './file-cache.js';
import type { JournalView, SegmentView, UnreadableSegment } from './journal-view.js';
import {
  claimFile,
  isLaneFolder,
  journalFile,
  laneFile,
  mirrorFile,
  segmentFolder,
  segmentNumber,
} from './names.js';

/** Opens the journal in a folder. Throws Problem if there is none, FormatError if it is of another version. */
export async function openDirectory(folder: string, openFile?: OpenFile): Promise<JournalView> {
  const head = await readFile(join(folder, journalFile)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR')
      throw new Problem(
        'failure',
        `${join(folder, journalFile)}: ${error.code}: cannot be read; check its permissions`,
      );
    throw new Problem(
      'missing',
      `${folder}: no journal here; make one with "obalka init --data DIR", or name the folder that holds it`,
    );
  });
  const id = decodeJournalHead(head, join(folder, journalFile));
  return new DirectoryView(folder, id, new FileCache(openFile));
}

class DirectoryView implements JournalView {
  readonly #files: FileCache;

  constructor(
    readonly folder: string,
    readonly id: Uint8Array,
    files: FileCache,
  ) {
    this.#files = files;
  }

  async segments(): Promise<(SegmentView | UnreadableSegment)[]> {
    const found: (SegmentView | UnreadableSegment)[] = [];
    for (const name of (await readdir(this.folder)).filter(isLaneFolder).sort()) {
      const lane = join(this.folder, name);
      const numbers = (await readdir(lane)).map(segmentNumber).filter((number) => number !== undefined);
      const fault = await this.#laneFault(lane, name);
      if (fault) found.push({ fault });
      for (const number of numbers.sort((a, b) => a - b)) {
        found.push(...(await this.#openSegment(lane, name.slice('lane-'.length), number)));
      }
    }
    return found;
  }

  async close(): Promise<void> {
    await this.#files.close();
  }

  /** A lane whose own head is gone can still be read: every segment names it. */
  async #laneFault(lane: string, name: string): Promise<Error | undefined> {
    const place = `lane ${name.slice(5, 13)}`;
    try {
      const head = decodeLaneHead(await readFile(join(lane, laneFile)), place);
      if (!equal(head.journal, this.id)) return new FormatError(place, 'lane belongs to another journal');
      return undefined;
    } catch (error) {
      if (error instanceof FormatError) return error;
      return new FormatError(place, 'the file "lane" is missing or cannot be read');
    }
  }

  /** The segment; or, if no head of it can be read, the fault of each head and that of the segment. */
  async #openSegment(
    lane: string,
    laneHex: string,
    number: number,
  ): Promise<readonly (SegmentView | UnreadableSegment)[]> {
    const folder = segmentFolder(lane, number);
    const place = describeSegment({ lane: Buffer.from(laneHex, 'hex'), segment: number });
    const faults: FormatError[] = [];
    let head: SegmentHead | undefined;
    for (const name of fileNames) {
      try {
        const read = decodeSegmentHead(
          await this.#files.read(join(folder, name), 0, headSize),
          `${place}, ${name}`,
        );
        if (!equal(read.journal, this.id) || hex(read.lane) !== laneHex || read.segment !== number)
          throw new FormatError(`${place}, ${name}`, 'head is of another segment');
        if (read.stream !== (name === mirrorFile ? 'channels' : name))
          throw new FormatError(`${place}, ${name}`, 'head is of another stream');
        if (head && !equal(head.id, read.id))
          throw new FormatError(`${place}, ${name}`, 'head has another segment id');
        head ??= read;
      } catch (error) {
        faults.push(
          error instanceof FormatError
            ? error
            : new FormatError(`${place}, ${name}`, 'file is missing or cannot be read'),
        );
      }
    }
    if (!head)
      return [...faults, new FormatError(place, 'no head of the segment can be read')].map((fault) => ({
        fault,
      }));
    const claim = decodeClaim(await readFile(join(folder, claimFile)).catch(() => new Uint8Array(0)), head);
    const messages = faults.map(({ message }) => message);
    return [new DirectorySegment(head, claim, await this.#count(folder), messages, folder, this.#files)];
  }

  /** Whole cells by the files' lengths; of the channels, in whichever of the two copies has more. */
  async #count(folder: string): Promise<Counts> {
    const cells = async (name: FileName, stream: Stream) => {
      const size = await this.#files.size(join(folder, name)).catch(() => 0);
      return Math.max(0, Math.floor((size - headSize) / cellSizes[stream]));
    };
    return {
      channels: Math.max(await cells('channels', 'channels'), await cells(mirrorFile, 'channels')),
      envelopes: await cells('envelopes', 'envelopes'),
      blocks: await cells('blocks', 'blocks'),
    };
  }
}

type FileName = Stream | typeof mirrorFile;
const fileNames: readonly FileName[] = [...streams, mirrorFile];

class DirectorySegment implements SegmentView {
  readonly week: string;
  readonly previous: SegmentHead['previous'];
  readonly place: SegmentPlace;

  constructor(
    head: SegmentHead,
    readonly claim: Counts | undefined,
    readonly counts: Counts,
    readonly faults: readonly string[],
    readonly folder: string,
    readonly files: FileCache,
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

  readCopies(stream: Stream, first: number, count: number): Promise<Uint8Array[]> {
    const names: FileName[] = stream === 'channels' ? [stream, mirrorFile] : [stream];
    return Promise.all(names.map((name) => this.#readFile(name, stream, first, count)));
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
