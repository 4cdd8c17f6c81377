/** Coarse: what may be shown of an exact number, so that no single mail can be seen in it (spec/leaks.md, Figures). */
import { rounded } from '../../core/rounded.js';

/** Random octets. */
type Random = (length: number) => Uint8Array;

/** Evenly from 0 up to 1, not 1 itself. */
function portion(random: Random): number {
  const [a = 0, b = 0, c = 0, d = 0] = random(4);
  return (((a * 256 + b) * 256 + c) * 256 + d) / 2 ** 32;
}

/** A number that only grows, shown in steps; where each step is taken is drawn anew. */
export class Steps {
  readonly #step: number;
  readonly #random: Random;
  #shown = 0;
  #next: number;

  constructor(step: number, random: Random) {
    this.#step = step;
    this.#random = random;
    this.#next = this.#draw();
  }

  /** By how much the shown number grows, now that the exact one is this. It is at most half a step ahead, and one and a half behind. */
  take(exact: number): number {
    const before = this.#shown;
    while (exact >= this.#next) {
      this.#shown += this.#step;
      this.#next = this.#draw();
    }
    return this.#shown - before;
  }

  /** The next step is taken at its number, half a step more or less. */
  #draw(): number {
    return this.#shown + this.#step * (0.5 + portion(this.#random));
  }
}

/** What is added to a number of things that are there now: as often so much more as so much less. */
const scale = 8;

/**
 * A number of things that are there now, with Laplace's noise: whatever is shown, it would have been shown with one thing
 * more or less at most an eighth (e to 1/8) more often or more seldom. Noise that ends somewhere would prove now and then
 * that the number is not below its end.
 */
export function blurred(number: number, random: Random): number {
  const tail = () => -Math.log(1 - portion(random));
  return rounded(Math.max(0, Math.round(number + scale * (tail() - tail()))));
}

/** Free octets of a disk. */
export function coarseSpace({ free, total }: { readonly free: number; readonly total: number }): number {
  const step = Math.max(2 ** 27, total / 64);
  return Math.floor(Math.floor(free / step) * step);
}
