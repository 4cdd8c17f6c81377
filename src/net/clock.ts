/** Clock: the time and the timers that the network needs, so that a test can turn them by hand. */

export interface Clock {
  /** Milliseconds since some moment; it only goes forward. */
  now(): number;
  /** Calls `then` every so many milliseconds until the returned function is called. */
  every(milliseconds: number, then: () => void): () => void;
  /** Calls `then` once, unless the returned function was called before. */
  after(milliseconds: number, then: () => void): () => void;
}

/** The machine's clock. */
export const realClock: Clock = {
  now: () => performance.now(),
  every(milliseconds, then) {
    const timer = setInterval(then, milliseconds);
    return () => clearInterval(timer);
  },
  after(milliseconds, then) {
    const timer = setTimeout(then, milliseconds);
    return () => clearTimeout(timer);
  },
};
