/** Blocks of a message: found by its runs, checked against its envelope, and only then opened and given out. */
import { equal, hex } from '../core/bytes.js';
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

/** The segments of a journal by lane and number, and the messages in them. */
export class SegmentIndex {
  readonly #segments = new Map<string, SegmentView>();

  constructor(segments: readonly SegmentView[]) {
    for (const segment of segments)
      this.#segments.set(`${hex(segment.place.lane)}/${segment.place.segment}`, segment);
  }

  /** Whether every block of a message is there and matches its check; for envelopes that were perhaps never acknowledged. */
  async allStand(mail: Mail): Promise<boolean> {
    try {
      for await (const _ of this.#cells(mail, await this.#dataRuns(mail, nodeAead)));
      return true;
    } catch (error) {
      if (error instanceof FormatError) return false;
      throw error;
    }
  }

  /**
   * The plaintext of a message, prelude, content and trailer, piece by piece. All blocks are read and held against the
   * envelope before the first piece is given out: who shares the mail has its key, and could otherwise put other blocks
   * in their place. Throws FormatError with the place of what does not hold.
   */
  async *plaintext(mail: Mail, aead: Aead = nodeAead): AsyncGenerator<Uint8Array> {
    const { envelope } = mail;
    const runs = await this.#dataRuns(mail, aead);
    const total = envelope.preludeLength + envelope.contentLength + envelope.trailerLength;
    const count = countBlocks(runs);
    if (count !== blocksFor(total))
      throw new FormatError(mail.place, `envelope names ${count} blocks for ${total} octets`);

    const hashes: Uint8Array[] = [];
    const leaves = startSha256();
    for await (const { hash } of this.#cells(mail, runs)) {
      hashes.push(hash);
      leaves.update(hash);
    }
    if (!equal(leaves.digest(), envelope.leaves))
      throw new FormatError(mail.place, 'the blocks are not those that were sealed: they were exchanged');

    const keys = new MessageKeys(envelope.messageKey);
    let index = 0;
    let left = total;
    for await (const { segment, number, cell, hash } of this.#cells(mail, runs)) {
      if (!equal(hash, hashes[index] as Uint8Array))
        throw new FormatError(
          describePlace(segment.place, 'blocks', number),
          'block changed while it was read',
        );
      const block = { level: 0, index, final: index === count - 1 };
      const text = keys.open(cell, block, segment.place, number, aead);
      if (!text)
        throw new FormatError(
          describePlace(segment.place, 'blocks', number),
          'block does not open with the message key',
        );
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

  /** The runs of the data blocks: the envelope's own, or those that its index blocks hold. */
  async #dataRuns(mail: Mail, aead: Aead): Promise<readonly Run[]> {
    const { envelope } = mail;
    const total = envelope.preludeLength + envelope.contentLength + envelope.trailerLength;
    const keys = new MessageKeys(envelope.messageKey);
    let runs: readonly Run[] = envelope.runs;
    for (let level = envelope.depth; level > 0; level--) {
      const count = countBlocks(runs);
      if (count > blocksFor(total))
        throw new FormatError(mail.place, `index of ${count} blocks for ${total} octets`);
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
        below.push(...readRuns(text.subarray(0, blockTextSize), 0));
        index++;
      }
      runs = below;
    }
    return runs;
  }

  /** The cells of the runs in order, each checked. Throws FormatError at the first that is missing or damaged. */
  async *#cells(mail: Mail, runs: readonly Run[]): AsyncGenerator<PlacedBlock> {
    for (const run of runs) {
      const segment = this.#segments.get(`${mail.lane}/${run.segment}`);
      if (!segment)
        throw new FormatError(
          mail.place,
          `blocks of this mail are in segment ${run.segment}, which is missing`,
        );
      for (let done = 0; done < run.count; done += cellsAtOnce) {
        const first = run.first + done;
        const wanted = Math.min(cellsAtOnce, run.count - done);
        const cells = await segment.read('blocks', first, wanted);
        for (let at = 0; at < wanted; at++) {
          const number = first + at;
          const cell = cells.subarray(at * size, (at + 1) * size);
          const place = describePlace(segment.place, 'blocks', number);
          if (cell.length < size) throw new FormatError(place, 'block is missing: the file ends before it');
          const hash = checkedHash(cell, segment.place, 'blocks', number);
          if (!hash) throw new FormatError(place, 'block does not match its check');
          yield { segment, number, cell, hash };
        }
      }
    }
  }
}
