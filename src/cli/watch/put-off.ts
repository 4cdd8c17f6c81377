/** Put off: mails that are to be tried again, each after a pause that doubles. */

const firstMilliseconds = 1000;
const longestMilliseconds = 600_000;

interface Pause {
  readonly milliseconds: number;
  readonly due: number;
  /** What is the matter with it; undefined if its command wants it again. */
  readonly fault: string | undefined;
}

export class PutOff {
  readonly #now: () => number;
  readonly #pauses = new Map<string, Pause>();
  readonly #met = new Set<string>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** How many there are. */
  get size(): number {
    return this.#pauses.size;
  }

  /** Of a mail that is not to be tried yet. */
  resting(id: string): Pause | undefined {
    this.#met.add(id);
    const pause = this.#pauses.get(id);
    return pause && pause.due > this.#now() ? pause : undefined;
  }

  add(id: string, fault?: string): void {
    const before = this.#pauses.get(id)?.milliseconds;
    const milliseconds = Math.min(longestMilliseconds, before === undefined ? firstMilliseconds : 2 * before);
    this.#pauses.set(id, { milliseconds, due: this.#now() + milliseconds, fault });
  }

  remove(id: string): void {
    this.#pauses.delete(id);
  }

  /** A look is over: what was not met in it was erased, or is gone. */
  settle(): void {
    for (const id of this.#pauses.keys()) if (!this.#met.has(id)) this.#pauses.delete(id);
    this.#met.clear();
  }

  /** Milliseconds until the next one is due. */
  next(): number {
    const due = Math.min(...[...this.#pauses.values()].map((pause) => pause.due));
    return Math.max(0, due - this.#now());
  }
}
