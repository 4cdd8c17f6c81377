/** Cell writer: appends cells to one stream of a segment, gathering what waits into one write. */
import { type CellFrame, cellSizes, closeFrame, makeFrame } from '../format/cell.js';
import { headSize } from '../format/head.js';
import type { SegmentPlace, Stream } from '../format/place.js';
import type { AppendFile } from './disk.js';

/**
 * So many octets are worth a write before anybody waits for them; fewer wait for the commit, which writes them all. Each
 * write is a trip to another thread and back, which costs as much as copying this many octets.
 */
const octetsWorthWriting = 2 ** 18;
/** At most this many octets go into one write. */
const octetsPerWrite = 2 ** 20;
const freeFramesKept = 128;

export interface CellWriterEvents {
  /** Cells were written, and none wait for now. */
  wrote(): void;
  /** A write failed; told once, and nothing is written any more. */
  failed(error: unknown): void;
  /** A cell was numbered; the cell is only lent. */
  numbered(cell: Uint8Array, hash: Uint8Array): void;
}

export class CellWriter {
  /** Cells there were when the segment began. */
  readonly begunWith: number;
  /** Cells numbered so far; the next cell gets this number. */
  numbered: number;
  /** Cells handed to the operating system so far. */
  written: number;
  readonly #files: readonly AppendFile[];
  readonly #stream: Stream;
  readonly #at: SegmentPlace;
  readonly #cellsWorthWriting: number;
  readonly #queue: CellFrame[] = [];
  readonly #free: CellFrame[] = [];
  readonly #waiters: { count: number; resolve: () => void; reject: (error: unknown) => void }[] = [];
  #writing = false;
  #underWay: Promise<void> = Promise.resolve();
  #syncs: Promise<void> = Promise.resolve();
  #error: unknown;
  readonly #events: CellWriterEvents;

  /** `files`: the stream's file, and its mirror if it has one; `count` cells stand in them already. */
  constructor(
    files: readonly AppendFile[],
    stream: Stream,
    at: SegmentPlace,
    count: number,
    events: CellWriterEvents,
  ) {
    this.#files = files;
    this.#stream = stream;
    this.#at = at;
    this.#cellsWorthWriting = octetsWorthWriting / cellSizes[stream];
    this.begunWith = count;
    this.numbered = count;
    this.written = count;
    this.#events = events;
  }

  /** Octets that wait to be written. */
  get waiting(): number {
    return (this.numbered - this.written) * cellSizes[this.#stream];
  }

  /** Numbers a cell, has its body filled, and queues it: one synchronous act. Returns number and hash H. */
  append(fill: (body: Uint8Array, number: number) => void): { number: number; hash: Uint8Array } {
    if (this.#error) throw this.#error;
    const frame = this.#free.pop() ?? makeFrame(this.#stream);
    const number = this.numbered;
    fill(frame.body, number);
    const hash = closeFrame(frame, this.#at, this.#stream, number);
    this.#events.numbered(frame.cell, hash);
    this.numbered++;
    this.#queue.push(frame);
    if (this.#queue.length >= this.#cellsWorthWriting) this.#start();
    return { number, hash };
  }

  /** Resolves when every cell numbered so far was handed to the operating system. */
  drained(): Promise<void> {
    if (this.#error) return Promise.reject(this.#error);
    if (this.written === this.numbered) return Promise.resolve();
    const drained = new Promise<void>((resolve, reject) =>
      this.#waiters.push({ count: this.numbered, resolve, reject }),
    );
    this.#start();
    return drained;
  }

  /**
   * Makes durable what was written. One sync at a time: of two at once on a file, the system tells only one of a failure.
   * After a failure none succeeds.
   */
  sync(): Promise<void> {
    this.#syncs = this.#syncs.then(async () => {
      await allDone(this.#files.map((file) => file.sync()));
    });
    return this.#syncs;
  }

  /** Writes over a cell that stands there: only erasing does. */
  async overwrite(number: number, cell: Uint8Array): Promise<void> {
    if (this.#error) throw this.#error;
    await allDone(this.#files.map((file) => file.write(headSize + number * cellSizes[this.#stream], [cell])));
  }

  async setTime(seconds: number): Promise<void> {
    await Promise.all(this.#files.map((file) => file.setTime(seconds)));
  }

  /**
   * Nothing more is written. What is under way is waited for: the number of a closed file is soon given to another, and
   * the late write would go there.
   */
  async close(): Promise<void> {
    this.#error ??= new Error('the segment has ended');
    await this.#underWay;
    await this.#syncs.catch(() => undefined);
    await Promise.allSettled(this.#files.map((file) => file.close()));
  }

  #start(): void {
    if (this.#writing) return;
    this.#writing = true;
    this.#underWay = this.#write();
  }

  async #write(): Promise<void> {
    const size = cellSizes[this.#stream];
    try {
      while (this.#queue.length > 0) {
        if (this.#error) throw this.#error;
        const frames = this.#queue.splice(0, Math.floor(octetsPerWrite / size));
        const cells = frames.map((frame) => frame.cell);
        await allDone(this.#files.map((file) => file.write(headSize + this.written * size, cells)));
        this.written += frames.length;
        for (const frame of frames) if (this.#free.length < freeFramesKept) this.#free.push(frame);
        while (this.#waiters[0] && this.#waiters[0].count <= this.written) this.#waiters.shift()?.resolve();
      }
      this.#writing = false;
      this.#events.wrote();
    } catch (error) {
      this.#error = error;
      for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
      this.#events.failed(error);
    }
  }
}

/** Waits for all of them, also where one fails: a file must not be closed while another is still being worked on. */
async function allDone(works: readonly Promise<void>[]): Promise<void> {
  if (works.length === 1) return works[0];
  for (const done of await Promise.allSettled(works)) if (done.status === 'rejected') throw done.reason;
}
