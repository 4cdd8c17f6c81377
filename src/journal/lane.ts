/** Lane: the one writer of a sequence of segments. Blocks as they come; envelopes in commits that serve all who wait. */
import { cellSizes } from '../format/cell.js';
import type { PreviousSegment } from '../format/head.js';
import { idSize, type SegmentPlace, type Stream, streams } from '../format/place.js';
import type { Run } from '../format/runs.js';
import { Chance } from './chance.js';
import type { NamedCheckpoint } from './checkpoint-file.js';
import { closeSegment } from './closing.js';
import type { Disk } from './disk.js';
import { finishErasing } from './erasing.js';
import { GroupCommit, type Sealing } from './group-commit.js';
import { type LaneFolder, ownLanes, takeUpLane } from './lane-folder.js';
import { finishDropping } from './retention.js';
import { type ErasedEnvelope, SegmentWriter } from './segment-writer.js';
import type { LaneSigner, Signers } from './signers.js';

export interface LaneOptions<E> {
  readonly disk: Disk;
  readonly folder: string;
  readonly journal: Uint8Array;
  readonly sealing: Sealing<E>;
  readonly random: (length: number) => Uint8Array;
  readonly signers: Signers;
  /** Told if the last segment is not what its checkpoint said: it was changed while no writer ran. */
  readonly onChanged?: () => void;
  /** The present ISO week: "2026-W47". */
  readonly week: () => string;
  /** A segment ends when a stream reaches this many octets. */
  readonly maxStreamSize?: number;
  /** A segment ends when it has this many channels. */
  readonly maxChannels?: number;
  /** Told how long each commit took on disk, in milliseconds. */
  readonly onCommit?: ((milliseconds: number) => void) | undefined;
  /** Told when a segment was begun. */
  readonly onSegment?: (at: SegmentPlace) => void;
}

const defaultMaxStreamSize = 2 ** 30;
/** Every reader tries its keys on every channel: 0.3 ms each, and 32 octets in the writer's memory. */
const defaultMaxChannels = 2 ** 16;
/** Writers wait when this many octets of blocks are not yet with the operating system. */
const maxWaitingOctets = 2 ** 21;
/** A segment begins with up to so many random envelopes, and blocks (spec/journal.md, Fillers). */
const maxFirstFillers = 63;

export class Lane<E> {
  readonly #options: LaneOptions<E>;
  readonly #id: Uint8Array;
  readonly #folder: string;
  readonly #chance: Chance;
  readonly #commits: GroupCommit<E>;
  readonly #signer: LaneSigner;
  /** The last checkpoint of the segment before. */
  #checkpointBefore: Promise<NamedCheckpoint | undefined> = Promise.resolve(undefined);
  readonly #stopping = new AbortController();
  #segment: SegmentWriter | undefined;
  #previous: PreviousSegment | undefined;
  #nextSegment: number;
  #beginning: Promise<void> | undefined;
  /** Cells of the segments that this process has ended. */
  readonly #ended = { channels: 0, envelopes: 0, blocks: 0 };
  /** Failed segments of this process → how many of their blocks are safe. */
  readonly #lost = new Map<number, number>();

  private constructor(options: LaneOptions<E>, { id, folder, previous, untimed, signer }: LaneFolder) {
    this.#options = options;
    this.#id = id;
    this.#folder = folder;
    this.#previous = previous;
    this.#signer = signer;
    if (previous) this.#checkpointBefore = this.#closeLeft(previous, untimed);
    this.#nextSegment = previous ? previous.segment + 1 : 0;
    this.#chance = new Chance(options.random);
    this.#commits = new GroupCommit({
      sealing: options.sealing,
      chance: this.#chance,
      segment: async () => {
        await this.begin();
        return this.#segment as SegmentWriter;
      },
      onCommit: options.onCommit,
      isLost: (runs) => this.#isLost(runs),
    });
  }

  /** The journal's one writer: finishes what was begun, and takes up its first own lane, or makes one. */
  static async open<E>(options: LaneOptions<E>): Promise<Lane<E>> {
    const { disk, folder, onChanged = () => {} } = options;
    await finishDropping(disk, folder);
    const { damaged, left } = await finishErasing(options);
    if (damaged || left) onChanged();
    const { lanes } = await ownLanes(options, 1);
    return Lane.takeUp(options, lanes[0] as Uint8Array);
  }

  /** Takes up one lane, as its only writer. */
  static async takeUp<E>(options: LaneOptions<E>, lane: Uint8Array): Promise<Lane<E>> {
    return new Lane(options, await takeUpLane(options, lane));
  }

  /** Whether blocks can be appended right now; if not, `begin` first. */
  get ready(): boolean {
    const segment = this.#segment;
    return segment !== undefined && !this.#beginning && !segment.failure && !this.#isFull(segment);
  }

  /** The segment that takes cells now. */
  get place(): SegmentPlace | undefined {
    return this.#segment?.place;
  }

  /** Sees to it that a segment takes cells: begins the first, or the next one. Rejects if the disk does not allow it. */
  async begin(): Promise<void> {
    while (!this.ready) {
      this.#beginning ??= this.#beginSegment().finally(() => {
        this.#beginning = undefined;
      });
      await this.#beginning;
    }
  }

  /** Appends a block; the lane must be ready. `fill` seals it into the body at its place. */
  appendBlock(fill: (body: Uint8Array, at: SegmentPlace, number: number) => void): {
    segment: number;
    number: number;
    hash: Uint8Array;
  } {
    const segment = this.#segment as SegmentWriter;
    const { place } = segment;
    const { number, hash } = segment.blocks.append((body, number) => fill(body, place, number));
    return { segment: place.segment, number, hash };
  }

  /** A promise when so much waits for the disk that whoever writes blocks must wait too. */
  room(): Promise<void> | undefined {
    const blocks = this.#segment?.blocks;
    return blocks && blocks.waiting > maxWaitingOctets ? blocks.drained() : undefined;
  }

  /**
   * Seals the envelopes of one message and makes them and its blocks durable, together with all others who wait.
   * Resolves with what was sealed, envelope by envelope. Rejects with LostBlocks or the disk's error if nothing is safe.
   */
  commit(runs: readonly Run[], envelopes: readonly E[]): Promise<boolean[]> {
    return this.#commits.commit(runs, envelopes);
  }

  /** How many cells this process has numbered. */
  get cells(): Readonly<Record<Stream, number>> {
    const now = (stream: Stream) => this.#ended[stream] + (this.#segment?.[stream].numbered ?? 0);
    return { channels: now('channels'), envelopes: now('envelopes'), blocks: now('blocks') };
  }

  /** How many commits were dealt with, and how many messages wait for one. */
  get progress(): { readonly ended: number; readonly waiting: number } {
    return this.#commits.progress;
  }

  /** Appends the channel cells that these envelopes lack (a key was registered) and makes them durable. */
  async commitChannels(envelopes: readonly E[]): Promise<void> {
    await this.#beginning?.catch(() => undefined);
    const segment = this.#segment;
    if (!this.ready || !segment) return;
    if (this.#commits.appendChannels(segment, envelopes)) await segment.commit(['channels']);
  }

  /** The segment that is being written, and how many of its envelopes are known to be on disk. */
  get open(): { readonly segment: number; readonly claimed: number } | undefined {
    const segment = this.#segment;
    return segment && { segment: segment.place.segment, claimed: segment.claim.envelopes };
  }

  /**
   * Writes over envelopes of the segment that is being written, and makes that durable. False, once its files are closed,
   * if that segment is being written no more.
   */
  async erase(segment: number, cells: readonly ErasedEnvelope[]): Promise<boolean> {
    if (this.#segment?.place.segment === segment) {
      await this.#segment.erase(cells);
      return true;
    }
    await this.#checkpointBefore;
    return false;
  }

  /** Ends the segment: all that was written is synced and claimed. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#commits.idle();
    await this.#beginning?.catch(() => undefined);
    await this.#endSegment();
    await this.#checkpointBefore;
  }

  /** Closes the segment that an earlier process left, in the background; the next one's checkpoints wait for it. */
  #closeLeft(left: PreviousSegment, untimed: boolean): Promise<NamedCheckpoint | undefined> {
    const { disk, journal, onChanged = () => {} } = this.#options;
    const place = { journal, lane: this.#id };
    const signal = this.#stopping.signal;
    const closing = {
      disk,
      lane: this.#folder,
      place,
      left,
      untimed,
      signer: this.#signer,
      onChanged,
      signal,
    };
    return closeSegment(closing).catch(() => undefined);
  }

  /** A segment takes at least one cell beyond those it began with, however small the limit. */
  #isFull(segment: SegmentWriter): boolean {
    const { maxChannels = defaultMaxChannels, week } = this.#options;
    return (
      segment.week !== week() ||
      this.#isStreamFull(segment, 'blocks', Number.POSITIVE_INFINITY) ||
      this.#isStreamFull(segment, 'envelopes', Number.POSITIVE_INFINITY) ||
      this.#isStreamFull(segment, 'channels', maxChannels)
    );
  }

  #isStreamFull(segment: SegmentWriter, stream: Stream, most: number): boolean {
    const { begunWith, numbered } = segment[stream];
    if (numbered <= begunWith) return false;
    const { maxStreamSize = defaultMaxStreamSize } = this.#options;
    return numbered * cellSizes[stream] >= maxStreamSize || numbered >= most;
  }

  #isLost(runs: readonly Run[]): boolean {
    return runs.some(
      ({ segment, first, count }) => first + count > (this.#lost.get(segment) ?? Number.POSITIVE_INFINITY),
    );
  }

  async #beginSegment(): Promise<void> {
    await this.#endSegment();
    const { disk, journal, random, sealing, week } = this.#options;
    const place = { journal, lane: this.#id, segment: this.#nextSegment, id: random(idSize) };
    const channels = await sealing.beginSegment(place);
    const fillers = (stream: Stream) => this.#chance.fillers(stream, this.#chance.below(maxFirstFillers + 1));
    const segment = await SegmentWriter.create(disk, this.#folder, {
      place,
      week: week(),
      previous: this.#previous,
      bodies: { channels, envelopes: fillers('envelopes'), blocks: fillers('blocks') },
      signer: this.#signer,
      checkpointBefore: this.#checkpointBefore,
    });
    this.#segment = segment;
    this.#nextSegment++;
    if (segment.failure) throw segment.failure;
    this.#options.onSegment?.(segment.place);
  }

  /** Syncs and claims what is left to claim, then closes. A segment that failed is left at its claim. */
  async #endSegment(): Promise<void> {
    const segment = this.#segment;
    if (!segment) return;
    if (!segment.failure) await segment.commit(['channels', 'envelopes', 'blocks']).catch(() => undefined);
    if (segment.failure) this.#lost.set(segment.place.segment, segment.claim.blocks);
    this.#previous = segment.left();
    for (const stream of streams) this.#ended[stream] += segment[stream].numbered;
    this.#segment = undefined;
    this.#checkpointBefore = segment.close();
    await this.#checkpointBefore;
  }
}
