/** Chance: fillers, and the random order that hides which cells are fillers. */
import { cellSizes, checkSize } from '../format/cell.js';
import type { Stream } from '../format/place.js';

export class Chance {
  readonly #random: (length: number) => Uint8Array;

  constructor(random: (length: number) => Uint8Array) {
    this.#random = random;
  }

  /** Bodies of random cells. */
  fillers(stream: Stream, count: number): Uint8Array[] {
    return Array.from({ length: count }, () => this.#random(cellSizes[stream] - checkSize));
  }

  /** The items in random order, in place. */
  shuffled<T>(items: T[]): T[] {
    const drawn = this.#random(2 * items.length);
    for (let last = items.length - 1; last > 0; last--) {
      const other = numberAt(drawn, 2 * last) % (last + 1);
      const item = items[last] as T;
      items[last] = items[other] as T;
      items[other] = item;
    }
    return items;
  }

  /** A number below a limit of at most 2^16; the bias of 2^-16 per place tells nobody anything. */
  below(limit: number): number {
    return numberAt(this.#random(2), 0) % limit;
  }
}

function numberAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}
