/** Lasting faults: says what is the matter once, and only if it lasts. A copy that is being made is full of faults that pass. */

export class LastingFaults {
  readonly #lasts: number;
  readonly #now: () => number;
  readonly #say: (words: string) => void;
  /** Words → since when; undefined: they were said. */
  readonly #known = new Map<string, number | undefined>();
  #met = new Set<string>();

  /** `lasts`: milliseconds; 0 says everything at once. */
  constructor(lasts: number, say: (words: string) => void, now: () => number = () => performance.now()) {
    this.#lasts = lasts;
    this.#say = say;
    this.#now = now;
  }

  /** Met in the look that is under way. */
  meet(words: string): void {
    this.#met.add(words);
  }

  /** A look is over. Gives the milliseconds after which to look again: something is to be said then, if it is still there. */
  settle(): number {
    const now = this.#now();
    for (const words of this.#known.keys()) if (!this.#met.has(words)) this.#known.delete(words);
    let next = Number.POSITIVE_INFINITY;
    for (const words of this.#met) {
      const since = this.#known.has(words) ? this.#known.get(words) : now;
      if (since !== undefined && now - since >= this.#lasts) this.#say(words);
      else if (since !== undefined) next = Math.min(next, this.#lasts - (now - since));
      this.#known.set(words, since !== undefined && now - since < this.#lasts ? since : undefined);
    }
    this.#met = new Set();
    return next;
  }
}
