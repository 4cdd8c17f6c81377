/** Stream check: one pass over the cells of a stream, for their checks, for holes, and for roots of its tree. */
import { hex } from '../core/bytes.js';
import { cellSizes, checkedHash, hasErasedEnd, isErased, leafData } from '../format/cell.js';
import { describePlace, type Stream } from '../format/place.js';
import { emptyRoot, TreeEdge } from '../format/tree.js';
import type { SegmentView } from '../journal/journal-view.js';

export interface StreamCheck {
  /** Each begins with its place. */
  readonly faults: readonly string[];
  /** Cells at or above the claim that do not match their check, in each copy. */
  readonly torn: number;
  /** The root of each size that was asked for, in hexadecimal; undefined if a cell below it is damaged or not there. */
  readonly roots: ReadonlyMap<number, string | undefined>;
}

const octetsAtOnce = 2 ** 20;

/** Neighbouring cells of one copy that are damaged. */
class DamagedRange {
  #first = -1;
  #last = -1;

  constructor(readonly say: (first: number, last: number) => void) {}

  add(number: number): void {
    if (this.#first >= 0 && number !== this.#last + 1) this.end();
    if (this.#first < 0) this.#first = number;
    this.#last = number;
  }

  end(): void {
    if (this.#first >= 0) this.say(this.#first, this.#last);
    this.#first = -1;
  }
}

/** Decides about each cell (spec/journal.md, Checking without a key); works out the roots of these sizes on the way. */
export async function checkStream(
  segment: SegmentView,
  stream: Stream,
  claim: number,
  sizes: readonly number[],
  onRead: (octets: number) => void = () => {},
): Promise<StreamCheck> {
  const size = cellSizes[stream];
  const { place, counts } = segment;
  const faults: string[] = [];
  const ranges = ['', ' (mirror)'].map(
    (copy) =>
      new DamagedRange((first, last) => {
        const words =
          first === last
            ? 'does not match its check'
            : `this and all up to ${last} do not match their checks`;
        faults.push(`${describePlace(place, stream, first)}${copy}: ${words}`);
      }),
  );
  const wanted = new Set(sizes);
  const largest = Math.max(0, ...sizes);
  const roots = new Map<number, string | undefined>(sizes.map((one) => [one, undefined]));
  if (wanted.has(0)) roots.set(0, hex(emptyRoot()));
  const tree = new TreeEdge();
  let torn = 0;
  const atOnce = Math.floor(octetsAtOnce / size);
  for (let first = 0; first < counts[stream]; first += atOnce) {
    const here = Math.min(atOnce, counts[stream] - first);
    const copies = await segment.readCopies(stream, first, here);
    onRead(here * size);
    for (let at = 0; at < here; at++) {
      const number = first + at;
      let leaf: Uint8Array | undefined;
      for (const [copy, cells] of copies.entries()) {
        const cell = cells.subarray(at * size, (at + 1) * size);
        const hash = checkedHash(cell, place, stream, number);
        if (!hash) {
          if (number < claim) ranges[copy]?.add(number);
          else torn++;
          continue;
        }
        if (number < largest) leaf ??= leafData(cell, hash, stream);
        if (stream === 'envelopes' && hasErasedEnd(cell) && !isErased(cell))
          faults.push(
            `${describePlace(place, stream, number)}: was erased by somebody who may not: an unauthorised hole`,
          );
      }
      // Beyond a damaged cell there are no roots.
      if (!leaf || tree.size !== number) continue;
      tree.append(leaf);
      if (wanted.has(tree.size)) roots.set(tree.size, hex(tree.root()));
    }
  }
  for (const range of ranges) range.end();
  return { faults, torn, roots };
}
