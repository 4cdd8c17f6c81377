/** Watched files: what a server reads from files, read again when they change. What cannot be read any more leaves the old. */
import type { EventCode } from '../log/events.js';
import { faultOfFile } from '../log/fields.js';
import type { Log } from '../log/log.js';
import { stateOf } from './tls-files.js';

export interface WatchedOptions<T> {
  readonly paths: readonly string[];
  /** Throws a Problem that names the file, and the line. `isAgain`: what was there should be there still. */
  readonly read: (isAgain: boolean) => Promise<T>;
  /** What is said when they were read again, and when they could not be. */
  readonly events: { readonly read: EventCode; readonly kept: EventCode };
}

const everyMilliseconds = 5000;

export class Watched<T> {
  readonly #options: WatchedOptions<T>;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #state: string;
  #value: T;
  #changed: () => void = () => {};

  private constructor(options: WatchedOptions<T>, log: Log, state: string, value: T) {
    this.#options = options;
    this.#log = log;
    this.#state = state;
    this.#value = value;
    this.#timer = setInterval(() => void this.again(), everyMilliseconds);
    this.#timer.unref();
  }

  /** Throws as `read` does. */
  static async start<T>(options: WatchedOptions<T>, log: Log): Promise<Watched<T>> {
    const state = await stateOf(options.paths);
    return new Watched(options, log, state, await options.read(false));
  }

  get value(): T {
    return this.#value;
  }

  /** Calls `changed` whenever there is another value. */
  onChange(changed: () => void): void {
    this.#changed = changed;
  }

  /** Reads them if they have changed. */
  async again(): Promise<void> {
    const { paths, read, events } = this.#options;
    const state = await stateOf(paths);
    if (state === this.#state) return;
    this.#state = state;
    try {
      this.#value = await read(true);
      this.#changed();
      this.#log(events.read);
    } catch (error) {
      this.#log(events.kept, faultOfFile(error));
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
