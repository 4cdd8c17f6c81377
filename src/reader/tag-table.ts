/** Tag table: the tags that the envelopes of one's channels may bear, looked up for every cell of a segment. */
import { equal } from '../core/bytes.js';
import { tagSize } from '../format/cell.js';
import { type OpeningChain, tagAndKeySize } from '../seal/chain.js';

/** How far a channel is looked ahead: steps that failed to be written leave gaps (spec/sealing.md, Finding mail). */
const lookAhead = 1024;

export interface Channel<T> {
  readonly owner: T;
  readonly chain: OpeningChain;
  /** Runs of steps of which one was met before; none if it is not said. */
  readonly runs?: number;
}

/** A run of steps of one channel, worked out together. */
interface Steps<T> {
  readonly channel: Channel<T>;
  /** Which run of its channel this is. */
  readonly order: number;
  /** tag | key of each step. */
  readonly bytes: Uint8Array;
}

/** Where a step stands: which run, and which in it; and another step whose tag has the same beginning. */
interface Collision {
  readonly at: number;
  readonly next: Collision | undefined;
}

const stepsPerRun = 256;
const runsAhead = lookAhead / stepsPerRun;

/** Hundreds of thousands of steps are looked ahead in a large journal, so they are kept as bytes and small integers. */
export class TagTable<T> {
  readonly #runs: Steps<T>[] = [];
  /** How many runs of a channel were worked out. */
  readonly #known = new Map<Channel<T>, number>();
  /** 30 bits of the tag → step number: run × stepsPerRun + index. */
  readonly #places = new Map<number, number>();
  /** The few steps whose 30 bits were taken. */
  readonly #collisions = new Map<number, Collision>();

  constructor(channels: readonly Channel<T>[]) {
    for (const channel of channels) this.#extendTo(channel, (channel.runs ?? 0) + runsAhead);
  }

  /** Runs of a channel's steps of which one was met. */
  runsOf(channel: Channel<T>): number {
    return (this.#known.get(channel) ?? 0) - runsAhead;
  }

  /** The owner and key of a cell, or undefined if it is none of ours. Cells come in any order. */
  find(cells: Uint8Array, at: number): { owner: T; key: Uint8Array } | undefined {
    const beginning = beginningOf(cells, at);
    const place = this.#places.get(beginning);
    if (place === undefined) return undefined;
    const tag = cells.subarray(at, at + tagSize);
    let candidate: Collision | undefined = { at: place, next: this.#collisions.get(beginning) };
    for (; candidate; candidate = candidate.next) {
      const run = this.#runs[Math.floor(candidate.at / stepsPerRun)] as Steps<T>;
      const offset = (candidate.at % stepsPerRun) * tagAndKeySize;
      if (!equal(run.bytes.subarray(offset, offset + tagSize), tag)) continue;
      this.#extendTo(run.channel, run.order + 1 + runsAhead);
      return { owner: run.channel.owner, key: run.bytes.subarray(offset + tagSize, offset + tagAndKeySize) };
    }
    return undefined;
  }

  /** Works out runs of a channel until there are so many. */
  #extendTo(channel: Channel<T>, count: number): void {
    for (let known = this.#known.get(channel) ?? 0; known < count; known++) this.#extend(channel, known);
    this.#known.set(channel, Math.max(count, this.#known.get(channel) ?? 0));
  }

  #extend(channel: Channel<T>, order: number): void {
    const bytes = new Uint8Array(stepsPerRun * tagAndKeySize);
    const run = this.#runs.length;
    for (let index = 0; index < stepsPerRun; index++) {
      const offset = index * tagAndKeySize;
      channel.chain.nextInto(bytes, offset);
      const beginning = beginningOf(bytes, offset);
      const at = run * stepsPerRun + index;
      if (this.#places.has(beginning))
        this.#collisions.set(beginning, { at, next: this.#collisions.get(beginning) });
      else this.#places.set(beginning, at);
    }
    this.#runs.push({ channel, order, bytes });
  }
}

/** 30 bits: a small integer, which Map looks up fastest. */
function beginningOf(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) & 0x3f) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}
