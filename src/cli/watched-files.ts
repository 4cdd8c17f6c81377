/** Watched files: what a server reads from files, read again when they change. What cannot be read any more leaves the old. */
import { stateOf } from './tls-files.js';

export interface WatchedOptions<T> {
  readonly paths: readonly string[];
  /** Throws a Problem that names the file, and the line. */
  readonly read: () => Promise<T>;
  /** What they are, in a log: "lists". */
  readonly name: string;
}

const everyMilliseconds = 5000;

export class Watched<T> {
  readonly #options: WatchedOptions<T>;
  readonly #log: (event: string) => void;
  readonly #timer: NodeJS.Timeout;
  #state: string;
  #value: T;

  private constructor(options: WatchedOptions<T>, log: (event: string) => void, state: string, value: T) {
    this.#options = options;
    this.#log = log;
    this.#state = state;
    this.#value = value;
    this.#timer = setInterval(() => void this.again(), everyMilliseconds);
    this.#timer.unref();
  }

  /** Throws as `read` does. */
  static async start<T>(options: WatchedOptions<T>, log: (event: string) => void): Promise<Watched<T>> {
    const state = await stateOf(options.paths);
    return new Watched(options, log, state, await options.read());
  }

  get value(): T {
    return this.#value;
  }

  /** Reads them if they have changed. */
  async again(): Promise<void> {
    const { paths, read, name } = this.#options;
    const state = await stateOf(paths);
    if (state === this.#state) return;
    this.#state = state;
    try {
      this.#value = await read();
      this.#log(`${name} read again`);
    } catch (error) {
      this.#log(`${name} not read again, the old ones stay in use: ${(error as Error).message}`);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
