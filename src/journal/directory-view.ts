/** Directory view: a journal in a folder, or in any copy of one. It opens for reading only and takes no lock. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { equal } from '../core/bytes.js';
import { FormatError, NewerVersion, Problem } from '../core/errors.js';
import { cellSizes } from '../format/cell.js';
import { maxCheckpointSize } from '../format/checkpoint.js';
import { type Counts, decodeClaim } from '../format/claim.js';
import {
  decodeJournalHead,
  decodeLaneHead,
  decodeSegmentHead,
  headSize,
  type SegmentHead,
  smallHeadSize,
} from '../format/head.js';
import { describeLane, describeSegment, type Stream, streams } from '../format/place.js';
import { DirectorySegment, type FileName, fileNames } from './directory-segment.js';
import { FileCache } from './file-cache.js';
import type { JournalPart, JournalView, LaneStart, SegmentMemory } from './journal-view.js';
import {
  checkpointFile,
  claimFile,
  isLaneFolder,
  journalFile,
  laneFile,
  mirrorFile,
  segmentFolder,
  segmentNumber,
} from './names.js';
import { type OpenFile, openRegular, readRegular, readRegularNow, sizeNow } from './regular-file.js';
import { stateNow } from './segment-state.js';

export interface DirectoryOptions {
  /**
   * For whoever looks again and again: an older segment of a lane is opened once, until a file comes into its folder or
   * goes. After `close`, which closes the files, the view can be used again.
   */
  readonly remembers?: boolean;
}

/** The newest segments of a lane are opened at every look: they grow. */
const alwaysOpened = 2;
/** Milliseconds after which a change cannot have the time of the one before it: file systems count in ticks. */
const settled = 2000;

/**
 * Opens the journal in a folder. Throws Problem if there is none, FormatError if it is of a newer version, or if neither
 * its head nor that of any lane or segment says which journal this is.
 */
export async function openDirectory(
  folder: string,
  openFile: OpenFile = openRegular,
  options: DirectoryOptions = {},
): Promise<JournalView> {
  const path = join(folder, journalFile);
  try {
    const head = await readRegular(path, smallHeadSize + 1, openFile);
    return new DirectoryView(folder, decodeJournalHead(head, path), undefined, openFile, options);
  } catch (error) {
    if (error instanceof NewerVersion) throw error;
    const fault =
      error instanceof FormatError
        ? error
        : new FormatError(path, `the journal's head cannot be read (${codeOf(error)})`);
    const id = await idFromBelow(folder);
    if (id) return new DirectoryView(folder, id, fault, openFile, options);
    if (error instanceof FormatError) throw error;
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR')
      throw new Problem('failure', `${path}: ${codeOf(error)}: cannot be read; check its permissions`);
    throw new Problem(
      'missing',
      `${folder}: no journal here; make one with "obalka init --data DIR", or name the folder that holds it`,
    );
  }
}

/** The journal's id as the first head of a lane or a segment says it, if the journal's own head is lost. */
async function idFromBelow(folder: string): Promise<Uint8Array | undefined> {
  for (const name of (await readdir(folder).catch(() => [])).filter(isLaneFolder).sort()) {
    const lane = join(folder, name);
    const head = await readRegular(join(lane, laneFile), smallHeadSize + 1).catch(() => new Uint8Array(0));
    const id = idOrNothing(() => decodeLaneHead(head, lane).journal);
    if (id) return id;
    for (const segment of (await readdir(lane).catch(() => [])).filter(
      (one) => segmentNumber(one) !== undefined,
    ))
      for (const file of fileNames) {
        const begin = await readRegular(join(lane, segment, file), headSize).catch(() => new Uint8Array(0));
        const named = idOrNothing(() => decodeSegmentHead(begin, lane).journal);
        if (named) return named;
      }
  }
  return undefined;
}

function idOrNothing(read: () => Uint8Array): Uint8Array | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

class DirectoryView implements JournalView {
  readonly #files: FileCache;
  /** Folder → its segment, and the state in which the folder was. */
  readonly #known = new Map<string, { readonly state: string; readonly part: JournalPart }>();

  constructor(
    readonly folder: string,
    readonly id: Uint8Array,
    readonly fault: FormatError | undefined,
    readonly openFile: OpenFile,
    readonly options: DirectoryOptions,
  ) {
    this.#files = new FileCache(openFile);
  }

  async segments(memory?: SegmentMemory): Promise<JournalPart[]> {
    const found: JournalPart[] = this.fault ? [{ fault: this.fault }] : [];
    for (const name of (await readdir(this.folder)).filter(isLaneFolder).sort()) {
      const folder = join(this.folder, name);
      const lane = new Uint8Array(Buffer.from(name.slice('lane-'.length), 'hex'));
      found.push(await this.#openLane(folder, lane));
      const names = await readdir(folder).catch((error: unknown) => {
        found.push({ fault: new FormatError(describeLane(lane), `cannot be listed (${codeOf(error)})`) });
        return [];
      });
      const numbers = names.map(segmentNumber).filter((number) => number !== undefined);
      // From the last: a checkpoint names the one before it as it was left for good, so that is to be read after it.
      const segments: JournalPart[] = [];
      for (const [at, number] of numbers.sort((a, b) => b - a).entries())
        if (at < alwaysOpened) segments.push(await this.#openSegment(folder, lane, number));
        else if (this.options.remembers) segments.push(await this.#knownSegment(folder, lane, number));
        else if (memory) segments.push(await this.#recalled(memory, folder, lane, number));
        else segments.push(await this.#openSegment(folder, lane, number));
      for (const segment of segments.reverse()) found.push(segment);
    }
    return found;
  }

  async close(): Promise<void> {
    await this.#files.close();
  }

  async #read(path: string, limit: number): Promise<Uint8Array> {
    return this.openFile === openRegular
      ? readRegularNow(path, limit)
      : readRegular(path, limit, this.openFile);
  }

  /** A lane whose own head is gone can still be read: every segment names it. */
  async #openLane(folder: string, lane: Uint8Array): Promise<LaneStart> {
    const place = describeLane(lane);
    try {
      const head = decodeLaneHead(await this.#read(join(folder, laneFile), smallHeadSize + 1), place);
      if (!equal(head.journal, this.id)) throw new FormatError(place, 'lane belongs to another journal');
      if (!equal(head.lane, lane)) throw new FormatError(place, 'the folder is not named after its lane');
      return { lane, signer: head.signer, continues: head.continues, laneFault: undefined };
    } catch (error) {
      const laneFault =
        error instanceof FormatError
          ? error
          : new FormatError(place, 'the file "lane" is missing or cannot be read');
      return { lane, signer: undefined, continues: undefined, laneFault };
    }
  }

  async #knownSegment(lanePath: string, lane: Uint8Array, number: number): Promise<JournalPart> {
    const folder = segmentFolder(lanePath, number);
    const { ino, mtimeMs, ctimeMs } = await stat(folder).catch(() => ({ ino: 0, mtimeMs: 0, ctimeMs: 0 }));
    const state = `${ino} ${mtimeMs} ${ctimeMs}`;
    const known = this.#known.get(folder);
    if (known?.state === state && ino !== 0) return known.part;
    const part = await this.#openSegment(lanePath, lane, number);
    this.#known.set(folder, { state, part });
    return part;
  }

  /** From the memory, if no file was changed or exchanged since. */
  async #recalled(
    memory: SegmentMemory,
    lanePath: string,
    lane: Uint8Array,
    number: number,
  ): Promise<JournalPart> {
    const folder = segmentFolder(lanePath, number);
    const state = this.openFile === openRegular ? stateNow(folder) : undefined;
    const known = state && memory.recall(lane, number);
    if (known && known.state === state.text) {
      const { claim, checkpoint } = known;
      const head = { ...known, journal: this.id, lane, segment: number };
      return new DirectorySegment(head, claim, checkpoint, state.counts, [], folder, this.#files, state);
    }
    const part = await this.#openSegment(lanePath, lane, number);
    if (!state || !('place' in part) || part.faults.length > 0 || !part.claim) return part;
    // What was changed a moment ago may have been changed again since, at a time that looks the same.
    if (memory.now() - state.changedAt < settled) return part;
    const { claim, checkpoint, week, previous, place } = part;
    memory.remember(lane, number, { state: state.text, id: place.id, week, previous, claim, checkpoint });
    return part;
  }

  async #openSegment(lanePath: string, lane: Uint8Array, number: number): Promise<JournalPart> {
    const folder = segmentFolder(lanePath, number);
    const place = describeSegment({ lane, segment: number });
    const faults: string[] = [];
    let head: SegmentHead | undefined;
    let missing = 0;
    for (const name of fileNames) {
      const where = `${place}, ${name}`;
      try {
        const read = decodeSegmentHead(await this.#read(join(folder, name), headSize), where);
        if (!equal(read.journal, this.id) || !equal(read.lane, lane) || read.segment !== number)
          throw new FormatError(where, 'head is of another segment');
        if (read.stream !== (name === mirrorFile ? 'channels' : name))
          throw new FormatError(where, 'head is of another stream');
        if (head && !equal(head.id, read.id)) throw new FormatError(where, 'head has another segment id');
        if (head && !areAlike(head, read))
          throw new FormatError(where, 'head has another week, or says something else of the segment before');
        head ??= read;
      } catch (error) {
        if (codeOf(error) === 'ENOENT') missing++;
        faults.push(
          error instanceof FormatError ? error.message : `${where}: file is missing or cannot be read`,
        );
      }
    }
    const claim = await this.#read(join(folder, claimFile), 2 * headSize).catch(() => new Uint8Array(0));
    const checkpoint = await this.#read(join(folder, checkpointFile), maxCheckpointSize + 1).catch(
      (error: unknown) => {
        if (codeOf(error) !== 'ENOENT')
          faults.push(`${place}, checkpoint: cannot be read (${codeOf(error)})`);
        return undefined;
      },
    );
    if (missing === fileNames.length && checkpoint) return { dropped: { lane, segment: number }, checkpoint };
    if (!head)
      return {
        fault: new FormatError(place, 'no head of the segment can be read'),
        faults,
        unreadable: { lane, segment: number },
      };
    const counts = await this.#count(folder);
    return new DirectorySegment(
      head,
      decodeClaim(claim, head),
      checkpoint,
      counts,
      faults,
      folder,
      this.#files,
    );
  }

  /** Whole cells by the files' lengths; of the channels, in whichever of the two copies has more. */
  async #count(folder: string): Promise<Counts> {
    const cells = async (name: FileName, stream: Stream) => {
      const size =
        this.openFile === openRegular
          ? sizeNow(join(folder, name))
          : await this.#files.size(join(folder, name)).catch(() => 0);
      return Math.max(0, Math.floor((size - headSize) / cellSizes[stream]));
    };
    return {
      channels: Math.max(await cells('channels', 'channels'), await cells(mirrorFile, 'channels')),
      envelopes: await cells('envelopes', 'envelopes'),
      blocks: await cells('blocks', 'blocks'),
    };
  }
}

/** Whether two heads of a segment say the same of its week and of the segment before it. */
function areAlike(one: SegmentHead, other: SegmentHead): boolean {
  const [a, b] = [one.previous, other.previous];
  if (one.week !== other.week || !a || !b) return one.week === other.week && a === b;
  return (
    a.segment === b.segment &&
    equal(a.id, b.id) &&
    streams.every(
      (stream) =>
        a.extents[stream].claim === b.extents[stream].claim &&
        a.extents[stream].end === b.extents[stream].end,
    )
  );
}
