/** A clock that a test turns by hand. */
import type { Clock } from '../../src/net/clock.js';

export class HandClock implements Clock {
  readonly #timers = new Set<{ at: number; readonly every: number; readonly then: () => void }>();
  #now = 0;

  now(): number {
    return this.#now;
  }

  every(milliseconds: number, then: () => void): () => void {
    return this.#add(milliseconds, milliseconds, then);
  }

  after(milliseconds: number, then: () => void): () => void {
    return this.#add(milliseconds, 0, then);
  }

  /** Lets so many seconds pass at once. */
  pass(seconds: number): void {
    const end = this.#now + 1000 * seconds;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#now = due.at;
      if (due.every > 0) due.at += due.every;
      else this.#timers.delete(due);
      due.then();
    }
    this.#now = end;
  }

  #add(milliseconds: number, every: number, then: () => void): () => void {
    const timer = { at: this.#now + milliseconds, every, then };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }
}
