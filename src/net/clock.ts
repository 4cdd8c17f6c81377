/** Clock: the timers that the network needs, so that a test can turn them by hand. */

export interface Clock {
  /** Calls `then` every so many milliseconds until the returned function is called. */
  every(milliseconds: number, then: () => void): () => void;
  /** Calls `then` once, unless the returned function was called before. */
  after(milliseconds: number, then: () => void): () => void;
}

/** The machine's clock. */
export const realClock: Clock = {
  every(milliseconds, then) {
    const timer = setInterval(then, milliseconds);
    return () => clearInterval(timer);
  },
  after(milliseconds, then) {
    const timer = setTimeout(then, milliseconds);
    return () => clearTimeout(timer);
  },
};
