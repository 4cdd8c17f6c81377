/** Segment writer: makes a segment whole, appends cells to its three streams, and says what is known to be on disk. */
import { join } from 'node:path';
import { type CellFrame, closeFrame, makeFrame } from '../format/cell.js';
import { type Counts, encodeClaim, noCells } from '../format/claim.js';
import { encodeSegmentHead, type PreviousSegment } from '../format/head.js';
import { type SegmentPlace, type Stream, streams } from '../format/place.js';
import { CellWriter } from './cell-writer.js';
import type { NamedCheckpoint } from './checkpoint-file.js';
import { Checkpointer } from './checkpointer.js';
import type { AppendFile, Disk } from './disk.js';
import { claimFile, constantTime, mirrorFile, segmentFolder, unfinishedFolder } from './names.js';
import { SegmentTrees } from './segment-trees.js';
import { Settling } from './settling.js';
import type { LaneSigner } from './signers.js';

/** What a new segment begins with. */
export interface SegmentPlan {
  readonly place: SegmentPlace;
  readonly week: string;
  readonly previous: PreviousSegment | undefined;
  /** Bodies of the first cells, by stream. */
  readonly bodies: Readonly<Record<Stream, readonly Uint8Array[]>>;
  readonly signer: LaneSigner;
  /** The last checkpoint of the segment before, as soon as it is known. */
  readonly checkpointBefore: Promise<NamedCheckpoint | undefined>;
}

/** The erased form of an envelope. */
export interface ErasedEnvelope {
  readonly number: number;
  readonly cell: Uint8Array;
}

export class SegmentWriter {
  readonly place: SegmentPlace;
  readonly week: string;
  /** Cells known to be on disk. */
  claim: Counts = noCells;
  /** Set once a write or sync failed; nothing is ever written to this segment again. */
  failure: unknown;
  readonly channels: CellWriter;
  readonly envelopes: CellWriter;
  readonly blocks: CellWriter;
  readonly #claimFile: AppendFile;
  readonly #settling: Settling;
  readonly #checkpointer: Checkpointer;
  readonly #commits = new Set<Promise<void>>();

  private constructor(plan: SegmentPlan, files: SegmentFiles, begun: Begun) {
    const { place } = plan;
    const { trees } = begun;
    const events = { wrote: () => this.#settling.touch(), failed: (error: unknown) => this.fail(error) };
    const writer = (stream: Stream, ...on: AppendFile[]) => {
      const numbered = (cell: Uint8Array, hash: Uint8Array) => trees.keep(stream, cell, hash);
      return new CellWriter(on, stream, place, plan.bodies[stream].length, { ...events, numbered });
    };
    this.place = place;
    this.week = plan.week;
    this.channels = writer('channels', files.channels, files.mirror);
    this.envelopes = writer('envelopes', files.envelopes);
    this.blocks = writer('blocks', files.blocks);
    this.#claimFile = files.claim;
    const cells = [files.channels, files.mirror, files.blocks];
    this.#settling = new Settling(place, files.claim, cells, files.envelopes, () => this.claim);
    this.#checkpointer = new Checkpointer({
      ...begun,
      place,
      signer: plan.signer,
      previous: plan.checkpointBefore,
      claim: () => this.claim,
    });
  }

  /**
   * Makes the segment under a temporary name, syncs it, and only then gives it its name. Rejects if there is no such
   * segment then. If it got its name and anything failed later, it is there, its number is used, and `failure` is set.
   */
  static async create(disk: Disk, lane: string, plan: SegmentPlan): Promise<SegmentWriter> {
    const making = join(lane, unfinishedFolder);
    const folder = segmentFolder(lane, plan.place.segment);
    const files: AppendFile[] = [];
    const create = async (name: string, pieces: Uint8Array[]) => {
      const file = await disk.create(join(making, name));
      files.push(file);
      await file.write(0, pieces);
      await file.sync();
      await file.setTime(constantTime);
      return file;
    };
    await disk.removeUnfinished(making);
    await disk.makeFolder(making);
    const trees = new SegmentTrees();
    const sealed = (stream: Stream) =>
      plan.bodies[stream].map((body, number) => {
        const { cell, hash } = sealCell(body, plan.place, stream, number);
        trees.keep(stream, cell, hash);
        return cell;
      });
    const cells = { channels: sealed('channels'), envelopes: sealed('envelopes'), blocks: sealed('blocks') };
    try {
      const content = (stream: Stream) => [
        encodeSegmentHead({ ...plan.place, stream, week: plan.week, previous: plan.previous }),
        ...cells[stream],
      ];
      const claim: Counts = {
        channels: plan.bodies.channels.length,
        envelopes: plan.bodies.envelopes.length,
        blocks: plan.bodies.blocks.length,
      };
      const made: SegmentFiles = {
        channels: await create('channels', content('channels')),
        mirror: await create(mirrorFile, content('channels')),
        envelopes: await create('envelopes', content('envelopes')),
        blocks: await create('blocks', content('blocks')),
        claim: await create(claimFile, [encodeClaim(claim, plan.place)]),
      };
      await disk.syncFolder(making);
      await disk.setFolderTime(making, constantTime);
      await disk.rename(making, folder);
      const segment = new SegmentWriter(plan, made, { disk, folder, trees });
      segment.claim = claim;
      segment.#checkpointer.touch();
      await disk.syncFolder(lane).catch((error: unknown) => segment.fail(error));
      await disk.setFolderTime(lane, constantTime).catch(() => undefined);
      return segment;
    } catch (error) {
      await Promise.allSettled(files.map((file) => file.close()));
      throw error;
    }
  }

  /**
   * Makes durable what was written when the call began, and then claims it. `and` are the streams that changed; the
   * syncs run side by side. Rejects, and ends the segment at its old claim, if any fails.
   */
  async commit(changed: readonly Stream[]): Promise<void> {
    const commit = this.#commit(changed);
    this.#commits.add(commit);
    try {
      await commit;
    } catch (error) {
      this.fail(error);
      throw error;
    } finally {
      this.#commits.delete(commit);
    }
  }

  async #commit(changed: readonly Stream[]): Promise<void> {
    await Promise.all(changed.map((stream) => this[stream].drained()));
    const counts = changed.map((stream) => [stream, this[stream].written] as const);
    await Promise.all(changed.map((stream) => this[stream].sync()));
    if (this.failure) throw this.failure;
    // Commits may overtake one another: a claim never goes back.
    const claim = { ...this.claim };
    for (const [stream, count] of counts) claim[stream] = Math.max(claim[stream], count);
    this.claim = claim;
    this.#settling.touch();
    this.#checkpointer.touch();
  }

  fail(error: unknown): void {
    this.failure ??= error;
  }

  /** Writes over envelopes and makes that durable. If it fails, the segment ends as after any failed write. */
  async erase(cells: readonly ErasedEnvelope[]): Promise<void> {
    const erased = this.#erase(cells);
    this.#commits.add(erased);
    try {
      await erased;
    } catch (error) {
      this.fail(error);
      throw error;
    } finally {
      this.#commits.delete(erased);
    }
  }

  async #erase(cells: readonly ErasedEnvelope[]): Promise<void> {
    for (const { number, cell } of cells) await this.envelopes.overwrite(number, cell);
    await this.envelopes.sync();
    if (this.failure) throw this.failure;
    this.#settling.erased(cells.length);
  }

  /** How the segment is left, for the head of its successor. */
  left(): PreviousSegment {
    const extent = (stream: Stream) => ({ claim: this.claim[stream], end: this[stream].written });
    return {
      segment: this.place.segment,
      id: this.place.id,
      extents: { channels: extent('channels'), envelopes: extent('envelopes'), blocks: extent('blocks') },
    };
  }

  /**
   * Waits for commits under way, writes the last claim and the last checkpoint, sets the files' times, and closes them.
   * Resolves with the checkpoint that the segment has then.
   */
  async close(): Promise<NamedCheckpoint | undefined> {
    await Promise.allSettled(this.#commits);
    await this.#settling.end();
    const checkpoint = await this.#checkpointer.end();
    await Promise.allSettled([...streams.map((stream) => this[stream].close()), this.#claimFile.close()]);
    return checkpoint;
  }
}

type SegmentFiles = Record<'channels' | 'mirror' | 'envelopes' | 'blocks' | 'claim', AppendFile>;

/** What a segment that has its name already has besides its files. */
interface Begun {
  readonly disk: Disk;
  readonly folder: string;
  readonly trees: SegmentTrees;
}

function sealCell(
  body: Uint8Array,
  at: SegmentPlace,
  stream: Stream,
  number: number,
): { cell: Uint8Array; hash: Uint8Array } {
  const frame: CellFrame = makeFrame(stream);
  frame.body.set(body);
  const hash = closeFrame(frame, at, stream, number);
  return { cell: frame.cell, hash };
}
