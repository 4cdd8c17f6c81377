/** Lane: the one writer of a sequence of segments. Blocks as they come; envelopes in commits that serve all who wait. */
import { join } from 'node:path';
import { cellSizes } from '../format/cell.js';
import { encodeLaneHead, type PreviousSegment } from '../format/head.js';
import type { SegmentPlace, Stream } from '../format/place.js';
import type { Run } from '../format/runs.js';
import type { Disk } from './disk.js';
import { constantTime, isLaneFolder, laneFile, laneFolder, unfinishedFolder } from './names.js';
import { readLane, recoverPrevious } from './recovery.js';
import { SegmentWriter } from './segment-writer.js';

/** How sealed cells come about; the journal only places, checks and keeps them. `E` is an envelope to be sealed. */
export interface Sealing<E> {
  /** A segment begins: bodies of its first channel cells, in order. Channels of the segment before are over. */
  beginSegment(at: SegmentPlace): Promise<readonly Uint8Array[]>;
  /** Bodies of the channel cells that these envelopes lack, the first of which gets number `next`. Often none. */
  openChannels(envelopes: readonly E[], at: SegmentPlace, next: number): readonly Uint8Array[];
  /** Fills the body of an envelope cell. Throws if it cannot be sealed any more; then it is left out. */
  sealEnvelope(envelope: E, body: Uint8Array, at: SegmentPlace, number: number): void;
}

export interface LaneOptions<E> {
  readonly disk: Disk;
  readonly folder: string;
  readonly journal: Uint8Array;
  readonly sealing: Sealing<E>;
  readonly random: (length: number) => Uint8Array;
  /** The present ISO week: "2026-W47". */
  readonly week: () => string;
  /** A segment ends when a stream reaches this many octets. */
  readonly maxStreamSize?: number;
}

/** What was lost with a segment that failed: whoever had blocks in it cannot be committed. */
export class LostBlocks extends Error {
  override name = 'LostBlocks';
}

interface Waiting<E> {
  readonly runs: readonly Run[];
  readonly envelopes: readonly E[];
  readonly resolve: (sealed: boolean[]) => void;
  readonly reject: (error: unknown) => void;
}

const defaultMaxStreamSize = 2 ** 30;
/** Writers wait when this many octets of blocks are not yet with the operating system. */
const maxWaitingOctets = 2 ** 21;
/** Envelopes of a commit are filled up to a multiple of this (spec/journal.md, Fillers). */
const envelopesPerGroup = 4;
const maxFirstFillers = 63;

export class Lane<E> {
  readonly #options: LaneOptions<E>;
  readonly #id: Uint8Array;
  readonly #folder: string;
  #segment: SegmentWriter | undefined;
  #previous: PreviousSegment | undefined;
  #nextSegment: number;
  #beginning: Promise<void> | undefined;
  #waiting: Waiting<E>[] = [];
  #committing: Promise<void> | undefined;
  /** Failed segments of this process → how many of their blocks are safe. */
  readonly #lost = new Map<number, number>();

  private constructor(
    options: LaneOptions<E>,
    id: Uint8Array,
    folder: string,
    previous: PreviousSegment | undefined,
  ) {
    this.#options = options;
    this.#id = id;
    this.#folder = folder;
    this.#previous = previous;
    this.#nextSegment = previous ? previous.segment + 1 : 0;
  }

  /** Takes up the journal's lane, or begins its first. Old segments are synced and read, never changed. */
  static async open<E>(options: LaneOptions<E>): Promise<Lane<E>> {
    const { disk, folder: journalFolder, journal } = options;
    const [name] = (await disk.list(journalFolder)).filter(isLaneFolder).sort();
    if (name) {
      const folder = join(journalFolder, name);
      // Its name may not have been durable when the process before this one died.
      await disk.syncFolder(journalFolder);
      const id = await readLane(disk, folder, journal);
      return new Lane(options, id, folder, await recoverPrevious(disk, folder, journal, id));
    }
    const lane = options.random(16);
    const folder = laneFolder(journalFolder, lane);
    const making = join(journalFolder, `lane.${unfinishedFolder}`);
    await disk.removeUnfinished(making);
    await disk.makeFolder(making);
    const file = await disk.create(join(making, laneFile));
    await file.write(0, [encodeLaneHead({ journal, lane })]);
    await file.sync();
    await file.setTime(constantTime);
    await file.close();
    await disk.syncFolder(making);
    await disk.setFolderTime(making, constantTime);
    await disk.rename(making, folder);
    await disk.syncFolder(journalFolder);
    await disk.setFolderTime(journalFolder, constantTime);
    return new Lane(options, lane, folder, undefined);
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
    return new Promise((resolve, reject) => {
      this.#waiting.push({ runs, envelopes, resolve, reject });
      this.#committing ??= this.#commitAll();
    });
  }

  /** Ends the segment: all that was written is synced and claimed. */
  async close(): Promise<void> {
    await this.#committing;
    await this.#beginning?.catch(() => undefined);
    await this.#endSegment();
  }

  /** Appends channel cells (a key was registered) with the next commit, without an envelope. */
  async commitChannels(envelopes: readonly E[]): Promise<void> {
    await this.#beginning?.catch(() => undefined);
    const segment = this.#segment;
    if (!this.ready || !segment) return;
    if (this.#appendChannels(segment, envelopes)) await segment.commit(['channels']);
  }

  /** A segment takes at least one cell beyond those it began with, however small the limit. */
  #isFull(segment: SegmentWriter): boolean {
    const max = this.#options.maxStreamSize ?? defaultMaxStreamSize;
    const full = (stream: Stream) => {
      const { begunWith, numbered } = segment[stream];
      return numbered > begunWith && numbered * cellSizes[stream] >= max;
    };
    return full('channels') || full('envelopes') || full('blocks') || segment.week !== this.#options.week();
  }

  async #beginSegment(): Promise<void> {
    await this.#endSegment();
    const { disk, journal, random, sealing, week } = this.#options;
    const place = { journal, lane: this.#id, segment: this.#nextSegment, id: random(16) };
    const channels = await sealing.beginSegment(place);
    const fillers = (stream: Stream) => this.#fillers(stream, this.#below(maxFirstFillers + 1));
    const segment = await SegmentWriter.create(disk, this.#folder, {
      place,
      week: week(),
      previous: this.#previous,
      bodies: { channels, envelopes: fillers('envelopes'), blocks: fillers('blocks') },
    });
    this.#segment = segment;
    this.#nextSegment++;
    if (segment.failure) throw segment.failure;
  }

  /** Syncs and claims what is left to claim, then closes. A segment that failed is left at its claim. */
  async #endSegment(): Promise<void> {
    const segment = this.#segment;
    if (!segment) return;
    if (!segment.failure) await segment.commit(['channels', 'envelopes', 'blocks']).catch(() => undefined);
    if (segment.failure) this.#lost.set(segment.place.segment, segment.claim.blocks);
    this.#previous = segment.left();
    this.#segment = undefined;
    await segment.close();
  }

  async #commitAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      let group: Waiting<E>[] = [];
      try {
        // Whoever else is about to finish in this turn shares the sync.
        await new Promise((resolve) => setImmediate(resolve));
        await this.begin();
        if (!this.ready) continue;
        group = this.#waiting.splice(0);
        const [safe, lost] = this.#partition(group);
        for (const one of lost)
          one.reject(new LostBlocks('blocks of this message were in a segment that failed'));
        if (safe.length > 0) await this.#commitGroup(safe);
      } catch (error) {
        for (const one of group.length > 0 ? group : this.#waiting.splice(0)) one.reject(error);
      }
    }
    // In the same step as the look at who waits: whoever comes after it begins anew.
    this.#committing = undefined;
  }

  /** Numbers and seals every envelope of the group in one synchronous act, then waits for the disk, then resolves. */
  async #commitGroup(group: readonly Waiting<E>[]): Promise<void> {
    const segment = this.#segment as SegmentWriter;
    const { sealing } = this.#options;
    const envelopes = group.flatMap((one) => one.envelopes.map((envelope) => ({ envelope, sealed: false })));
    this.#appendChannels(
      segment,
      envelopes.map(({ envelope }) => envelope),
    );
    // Also those that a registration opened and has not yet made durable: these envelopes may need them.
    const opened = segment.channels.numbered > segment.claim.channels;
    // Fillers stand at random places among the envelopes, and so does each envelope.
    const fillers = (envelopesPerGroup - (envelopes.length % envelopesPerGroup)) % envelopesPerGroup;
    const order = this.#shuffled([...envelopes, ...this.#fillers('envelopes', fillers)]);
    for (const item of order)
      segment.envelopes.append((body, number) => {
        if (item instanceof Uint8Array) return body.set(item);
        try {
          sealing.sealEnvelope(item.envelope, body, segment.place, number);
          item.sealed = true;
        } catch {
          body.set(this.#options.random(body.length));
        }
      });
    await segment.commit(opened ? ['channels', 'envelopes', 'blocks'] : ['envelopes', 'blocks']);
    let at = 0;
    for (const one of group) {
      one.resolve(envelopes.slice(at, at + one.envelopes.length).map(({ sealed }) => sealed));
      at += one.envelopes.length;
    }
  }

  #appendChannels(segment: SegmentWriter, envelopes: readonly E[]): boolean {
    const { sealing } = this.#options;
    const bodies = sealing.openChannels(envelopes, segment.place, segment.channels.numbered);
    for (const opened of bodies) segment.channels.append((body) => body.set(opened));
    return bodies.length > 0;
  }

  #partition(group: readonly Waiting<E>[]): [safe: Waiting<E>[], lost: Waiting<E>[]] {
    const isLost = ({ runs }: Waiting<E>) =>
      runs.some(
        ({ segment, first, count }) => first + count > (this.#lost.get(segment) ?? Number.POSITIVE_INFINITY),
      );
    return [group.filter((one) => !isLost(one)), group.filter(isLost)];
  }

  #fillers(stream: Stream, count: number): Uint8Array[] {
    return Array.from({ length: count }, () => this.#options.random(cellSizes[stream] - 16));
  }

  #shuffled<T>(items: T[]): T[] {
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.#below(last + 1);
      [items[last], items[other]] = [items[other] as T, items[last] as T];
    }
    return items;
  }

  /** A random number below a limit of at most 2^16; the bias of 2^-16 per place tells nobody anything. */
  #below(limit: number): number {
    const [high, low] = this.#options.random(4).subarray(2);
    return (((high as number) << 8) | (low as number)) % limit;
  }
}
