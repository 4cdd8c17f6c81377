/** Segment trees: the trees of a segment while it grows. Leaves are kept as cells are numbered, and hashed when nobody waits. */
import { leafSizes, writeLeafData } from '../format/cell.js';
import type { TreeHead } from '../format/checkpoint.js';
import type { Counts } from '../format/claim.js';
import { type Stream, streams } from '../format/place.js';
import { TreeEdge } from '../format/tree.js';

/** Leaves that are hashed between two looks at what else is to be done: about a third of a millisecond. */
const leavesAtOnce = 128;
/** Leaves are copied into pages: an array for each would be thousands of small things that outlive the collector's youth. */
const leavesPerPage = 1024;

class StreamTree {
  readonly edge = new TreeEdge();
  readonly #leafSize: number;
  readonly #pages: Uint8Array[] = [];
  /** An empty page for the next that is needed. */
  #spare: Uint8Array | undefined;
  #kept = 0;

  constructor(leafSize: number) {
    this.#leafSize = leafSize;
  }

  /** Room for the leaf data of the next cell. */
  keep(): Uint8Array {
    const at = this.#kept % leavesPerPage;
    // Pages are whole: the first one holds the leaf that is hashed next, wherever in it.
    if (at === 0) {
      this.#pages.push(this.#spare ?? new Uint8Array(leavesPerPage * this.#leafSize));
      this.#spare = undefined;
    }
    this.#kept++;
    const page = this.#pages.at(-1) as Uint8Array;
    return page.subarray(at * this.#leafSize, (at + 1) * this.#leafSize);
  }

  /** Hashes up to so many leaves, but none beyond `size`. Returns how many. */
  hash(size: number, most: number): number {
    const { edge } = this;
    const end = Math.min(edge.size + most, size, this.#kept);
    let done = 0;
    while (edge.size < end) {
      const at = edge.size % leavesPerPage;
      const page = this.#pages[0] as Uint8Array;
      edge.append(page.subarray(at * this.#leafSize, (at + 1) * this.#leafSize));
      if (at === leavesPerPage - 1) this.#spare = this.#pages.shift();
      done++;
    }
    return done;
  }
}

export class SegmentTrees {
  readonly #trees: Record<Stream, StreamTree> = {
    channels: new StreamTree(leafSizes.channels),
    envelopes: new StreamTree(leafSizes.envelopes),
    blocks: new StreamTree(leafSizes.blocks),
  };

  /** A cell was numbered, the next of its stream. `hash` is its H. */
  keep(stream: Stream, cell: Uint8Array, hash: Uint8Array): void {
    writeLeafData(this.#trees[stream].keep(), cell, hash, stream);
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
