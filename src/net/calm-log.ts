/** Calm log: what happens too often to be told each time is told with how often it happened. */
import type { Clock } from './clock.js';

/** Tells of each kind of event at once, and of those that follow once in so many seconds, with their number. */
export class CalmLog<E extends string> {
  readonly #log: (event: E, times: number) => void;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #seconds: number;
  readonly #since = new Map<E, { times: number; cancel: () => void }>();

  /** `seconds` between two lines of one kind; 0 for a line each time. */
  constructor(log: (event: E, times: number) => void, clock: Pick<Clock, 'after'>, seconds: number) {
    this.#log = log;
    this.#clock = clock;
    this.#seconds = seconds;
  }

  readonly tell = (event: E, times = 1): void => {
    const known = this.#since.get(event);
    if (known) known.times += times;
    else {
      this.#log(event, times);
      if (this.#seconds > 0) this.#wait(event);
    }
  };

  /** Tells what was counted, and counts no more. */
  end(): void {
    for (const [event, { times, cancel }] of this.#since) {
      cancel();
      if (times > 0) this.#log(event, times);
    }
    this.#since.clear();
  }

  #wait(event: E): void {
    const cancel = this.#clock.after(1000 * this.#seconds, () => {
      const times = this.#since.get(event)?.times ?? 0;
      this.#since.delete(event);
      if (times === 0) return;
      this.#log(event, times);
      this.#wait(event);
    });
    this.#since.set(event, { times: 0, cancel });
  }
}
