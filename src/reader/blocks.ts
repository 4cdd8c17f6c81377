/** Blocks of a message: found by its runs, checked against its envelope, and only then opened and given out. */
import { equal } from '../core/bytes.js';
import { FormatError } from '../core/errors.js';
import { startSha256 } from '../core/sha256.js';
import { blocksFor, blockTextSize } from '../format/blocks.js';
import { cellSizes, checkedHash } from '../format/cell.js';
import { describePlace } from '../format/place.js';
import { countBlocks, type Run, readRuns } from '../format/runs.js';
import type { SegmentView } from '../journal/journal-view.js';
import { type Aead, nodeAead } from '../seal/aead.js';
import { blockRoom, MessageKeys } from '../seal/block.js';
import type { Mail } from './mail.js';
import { type DroppedBlocks, Expired, mustBeDistinct, NamedBlocks } from './named-blocks.js';

/** Cells read at a time: one megabyte. */
const cellsAtOnce = 64;
const size = cellSizes.blocks;

/** One block cell where it stands. */
interface PlacedBlock {
  readonly segment: SegmentView;
  readonly number: number;
  readonly cell: Uint8Array;
  readonly hash: Uint8Array;
}

/** Neighbouring block cells that are being read. */
interface Piece {
  readonly segment: SegmentView;
  readonly first: number;
  readonly count: number;
  readonly cells: Promise<Uint8Array>;
}

/** The messages in the segments of a journal. */
export class SegmentIndex {
  readonly #named: NamedBlocks;

  constructor(segments: readonly SegmentView[], dropped: readonly DroppedBlocks[] = []) {
    this.#named = new NamedBlocks(segments, dropped);
  }

  /**
   * Whether every block of a message is there and matches its check; for envelopes that were perhaps never acknowledged.
   * Throws FormatError if they are not as many as the lengths need, or one is named twice.
   */
  async allStand(mail: Mail): Promise<boolean> {
    let runs: readonly Run[];
    try {
      runs = await this.#dataRuns(mail, nodeAead);
    } catch (error) {
      if (error instanceof FormatError) return false;
      throw error;
    }
    mustBeAsMany(mail, runs);
    mustBeDistinct(mail, runs);
    try {
      this.#named.mustBeThere(mail, runs);
      for await (const _ of this.#cells(mail, runs));
      return true;
    } catch (error) {
      if (error instanceof FormatError) return false;
      throw error;
    }
  }

  /** Whether any segment of the mail's lane was dropped. */
  mayBeExpired(mail: Mail): boolean {
    return this.#named.mayBeExpired(mail);
  }

  /** Which dropped segment some blocks of a message were in; undefined if they were in none, or cannot be found. */
  async expired(mail: Mail): Promise<number | undefined> {
    try {
      for (const run of await this.#dataRuns(mail, nodeAead)) this.#named.segmentOf(mail, run);
      return undefined;
    } catch (error) {
      if (error instanceof Expired) return error.segment;
      if (error instanceof FormatError) return undefined;
      throw error;
    }
  }

  /**
   * The segments that the index blocks and data blocks of a message are in, in the order they are named; undefined if that
   * cannot be found out now.
   */
  async segmentsNamed(mail: Mail): Promise<readonly number[] | undefined> {
    const named = new Set<number>();
    try {
      for (const { segment } of await this.#dataRuns(mail, nodeAead, named)) named.add(segment);
      return [...named];
    } catch (error) {
      if (error instanceof Expired || error instanceof FormatError) return undefined;
      throw error;
    }
  }

  /**
   * The plaintext of a message, prelude, content and trailer, piece by piece. All blocks are read and held against the
   * envelope before the first piece is given out: who shares the mail has its key, and could otherwise put other blocks
   * in their place. Throws FormatError with the place of what does not hold.
   */
  async *plaintext(mail: Mail, aead: Aead = nodeAead): AsyncGenerator<Uint8Array> {
    const runs = await this.#dataRuns(mail, aead);
    const count = mustBeAsMany(mail, runs);
    mustBeDistinct(mail, runs);
    this.#named.mustBeThere(mail, runs);

    const hashes: Uint8Array[] = [];
    const leaves = startSha256();
    for await (const { hash } of this.#cells(mail, runs)) {
      hashes.push(hash);
      leaves.update(hash);
    }
    if (!equal(leaves.digest(), mail.envelope.leaves)) throw exchanged(mail);

    yield* this.#opened(mail, runs, count, aead, (hash, at) => equal(hash, hashes[at] as Uint8Array));
  }

  /**
   * The same, each block read once: that the blocks are those of the envelope is known behind the last piece, and FormatError
   * thrown there if not. For whoever keeps the pieces where nobody reads them until then.
   */
  async *provisional(mail: Mail, aead: Aead = nodeAead): AsyncGenerator<Uint8Array> {
    const runs = await this.#dataRuns(mail, aead);
    const count = mustBeAsMany(mail, runs);
    mustBeDistinct(mail, runs);
    this.#named.mustBeThere(mail, runs);
    const leaves = startSha256();
    yield* this.#opened(mail, runs, count, aead, (hash) => {
      leaves.update(hash);
      return true;
    });
    if (!equal(leaves.digest(), mail.envelope.leaves)) throw exchanged(mail);
  }

  /** All blocks, read and opened; `isTheSame` sees the hash of each first. */
  async *#opened(
    mail: Mail,
    runs: readonly Run[],
    count: number,
    aead: Aead,
    isTheSame: (hash: Uint8Array, index: number) => boolean,
  ): AsyncGenerator<Uint8Array> {
    const keys = new MessageKeys(mail.envelope.messageKey);
    let index = 0;
    let left = lengthOf(mail);
    for await (const { segment, number, cell, hash } of this.#cells(mail, runs)) {
      const fault = (what: string) => new FormatError(describePlace(segment.place, 'blocks', number), what);
      if (!isTheSame(hash, index)) throw fault('block changed while it was read');
      const block = { level: 0, index, final: index === count - 1 };
      const text = keys.open(cell, block, segment.place, number, aead);
      if (!text) throw fault('block does not open with the message key');
      const used = Math.min(left, blockRoom(block));
      left -= used;
      index++;
      yield text.subarray(0, used);
    }
  }

  /** The content alone. */
  async *content(mail: Mail, aead: Aead = nodeAead): AsyncGenerator<Uint8Array> {
    let skip = mail.envelope.preludeLength;
    let left = mail.envelope.contentLength;
    for await (const piece of this.plaintext(mail, aead)) {
      const part = piece.subarray(Math.min(skip, piece.length)).subarray(0, left);
      skip = Math.max(0, skip - piece.length);
      left -= part.length;
      if (part.length > 0) yield part;
    }
  }

  /** The prelude's bytes. */
  async prelude(mail: Mail, aead: Aead = nodeAead): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let left = mail.envelope.preludeLength;
    for await (const piece of this.plaintext(mail, aead)) {
      pieces.push(piece.subarray(0, left));
      left -= Math.min(left, piece.length);
      if (left === 0) break;
    }
    return Buffer.concat(pieces);
  }

  /** The runs of the data blocks: the envelope's own, or those that its index blocks hold; `named` gets the segments of these. */
  async #dataRuns(mail: Mail, aead: Aead, named?: Set<number>): Promise<readonly Run[]> {
    const { envelope } = mail;
    if (envelope.depth === 0) return envelope.runs;
    // So many runs at most name the data blocks, as each names one block or more.
    const most = Math.min(blocksFor(lengthOf(mail)), this.#named.inLaneOf(mail));
    const keys = new MessageKeys(envelope.messageKey);
    let runs: readonly Run[] = envelope.runs;
    for (let level = envelope.depth; level > 0; level--) {
      const count = countBlocks(runs);
      if (count > most)
        throw new FormatError(mail.place, `index of ${count} blocks for ${lengthOf(mail)} octets`);
      mustBeDistinct(mail, runs);
      this.#named.mustBeThere(mail, runs);
      for (const { segment } of runs) named?.add(segment);
      const below: Run[] = [];
      let index = 0;
      for await (const { segment, number, cell } of this.#cells(mail, runs)) {
        const block = { level, index, final: index === count - 1 };
        const text = keys.open(cell, block, segment.place, number, aead);
        if (!text)
          throw new FormatError(
            describePlace(segment.place, 'blocks', number),
            'index block does not open with the message key',
          );
        for (const run of readRuns(text.subarray(0, blockTextSize), 0)) below.push(run);
        if (below.length > most)
          throw new FormatError(mail.place, `index of more runs than ${lengthOf(mail)} octets need`);
        index++;
      }
      runs = below;
    }
    return runs;
  }

  /**
   * The cells of the runs in order, each checked; while some are looked at, the next are read. A cell is good until the one after
   * it is asked for. Throws FormatError at the first that is missing or damaged.
   */
  async *#cells(mail: Mail, runs: readonly Run[]): AsyncGenerator<PlacedBlock> {
    const pieces = this.#pieces(mail, runs);
    let next = pieces.next();
    while (!next.done) {
      const { segment, first, count, cells } = next.value;
      const found = await cells;
      // Read while the cells of this piece are looked at; whoever awaits it meets the error.
      next = pieces.next();
      if (!next.done) next.value.cells.catch(() => undefined);
      for (let at = 0; at < count; at++) {
        const number = first + at;
        const cell = found.subarray(at * size, (at + 1) * size);
        const fault = (what: string) => new FormatError(describePlace(segment.place, 'blocks', number), what);
        if (cell.length < size) throw fault('block is missing: the file ends before it');
        const hash = checkedHash(cell, segment.place, 'blocks', number);
        if (!hash) throw fault('block does not match its check');
        yield { segment, number, cell, hash };
      }
    }
  }

  /** Pieces of the runs; each begins to be read when it is asked for, in one of two rooms. */
  *#pieces(mail: Mail, runs: readonly Run[]): Generator<Piece, undefined> {
    const rooms: Uint8Array[] = [];
    let turn = 0;
    for (const run of runs) {
      const segment = this.#named.segmentOf(mail, run);
      for (let done = 0; done < run.count; done += cellsAtOnce) {
        const first = run.first + done;
        const count = Math.min(cellsAtOnce, run.count - done);
        let room = rooms[turn];
        if (room === undefined || room.length < count * size) {
          room = Buffer.allocUnsafeSlow(count * size);
          rooms[turn] = room;
        }
        turn = 1 - turn;
        yield { segment, first, count, cells: segment.read('blocks', first, count, room) };
      }
    }
    return undefined;
  }
}

function exchanged(mail: Mail): FormatError {
  return new FormatError(mail.place, 'the blocks are not those that were sealed: they were exchanged');
}

/** Octets of prelude, content and trailer. */
function lengthOf({ envelope }: Mail): number {
  return envelope.preludeLength + envelope.contentLength + envelope.trailerLength;
}

/** How many blocks the runs name. Throws FormatError if that is not as many as the lengths need. */
function mustBeAsMany(mail: Mail, runs: readonly Run[]): number {
  const count = countBlocks(runs);
  if (count !== blocksFor(lengthOf(mail)))
    throw new FormatError(mail.place, `envelope names ${count} blocks for ${lengthOf(mail)} octets`);
  return count;
}
