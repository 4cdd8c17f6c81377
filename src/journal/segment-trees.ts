/** Segment trees: the trees of a segment while it grows. Leaves are kept as cells are numbered, and hashed when nobody waits. */
import { leafData } from '../format/cell.js';
import type { TreeHead } from '../format/checkpoint.js';
import type { Counts } from '../format/claim.js';
import { type Stream, streams } from '../format/place.js';
import { TreeEdge } from '../format/tree.js';

/** Leaves that are hashed between two looks at what else is to be done: about a third of a millisecond. */
const leavesAtOnce = 128;

class StreamTree {
  readonly edge = new TreeEdge();
  #waiting: Uint8Array[] = [];
  #taken = 0;

  keep(leaf: Uint8Array): void {
    this.#waiting.push(leaf);
  }

  /** Hashes up to so many leaves, but none beyond `size`. Returns how many. */
  hash(size: number, most: number): number {
    const count = Math.min(most, size - this.edge.size, this.#waiting.length - this.#taken);
    for (let done = 0; done < count; done++) this.edge.append(this.#waiting[this.#taken++] as Uint8Array);
    if (this.#taken >= this.#waiting.length / 2) {
      this.#waiting = this.#waiting.slice(this.#taken);
      this.#taken = 0;
    }
    return Math.max(0, count);
  }
}

export class SegmentTrees {
  readonly #trees: Record<Stream, StreamTree> = {
    channels: new StreamTree(),
    envelopes: new StreamTree(),
    blocks: new StreamTree(),
  };

  /** A cell was numbered, the next of its stream. `hash` is its H. */
  keep(stream: Stream, cell: Uint8Array, hash: Uint8Array): void {
    this.#trees[stream].keep(leafData(cell, hash, stream));
  }

  /** Hashes the leaves of the first cells of each stream, a few at a time. The sizes never go back. */
  async hashUpTo(sizes: Counts): Promise<void> {
    for (const stream of streams)
      while (this.#trees[stream].hash(sizes[stream], leavesAtOnce) > 0)
        await new Promise((resolve) => setImmediate(resolve));
  }

  /** What has been hashed so far, and its roots. */
  heads(): Record<Stream, TreeHead> {
    const head = (stream: Stream) => {
      const { edge } = this.#trees[stream];
      return { size: edge.size, root: edge.root() };
    };
    return { channels: head('channels'), envelopes: head('envelopes'), blocks: head('blocks') };
  }
}
