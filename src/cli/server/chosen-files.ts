/** Chosen files: what a server reads from the files that its configuration names, and reads elsewhere once it names others. */
import { faultOfFile } from '../log/fields.js';
import type { Log } from '../log/log.js';
import { Watched, type WatchedOptions } from './watched-files.js';

export interface ChosenFilesOptions<C, T> {
  /** What is said when they were read again, and when the old ones stay. */
  readonly events: WatchedOptions<T>['events'];
  readonly pathsOf: (choice: C) => readonly string[];
  /** Throws a Problem that names the file, and the line. */
  readonly read: (choice: C) => Promise<T>;
  readonly log: Log;
}

export class ChosenFiles<C, T> {
  readonly #options: ChosenFilesOptions<C, T>;
  #watched: Watched<T> | undefined;
  #chosen = '';

  constructor(options: ChosenFilesOptions<C, T>) {
    this.#options = options;
  }

  /** What stands in them; undefined if there are none. */
  get value(): T | undefined {
    return this.#watched?.value;
  }

  /** Reads what this choice names, in place of what was. Throws as `read` does, and leaves the old. */
  async choose(choice: C): Promise<void> {
    const { events, pathsOf, read, log } = this.#options;
    const paths = pathsOf(choice);
    const watched =
      paths.length > 0 ? await Watched.start({ paths, read: () => read(choice), events }, log) : undefined;
    this.stop();
    this.#watched = watched;
    this.#chosen = JSON.stringify(choice);
  }

  /** The same files if they have changed; or others, if they are good. */
  async again(choice: C): Promise<void> {
    if (this.#chosen === JSON.stringify(choice)) return this.#watched?.again();
    const { events, log } = this.#options;
    try {
      await this.choose(choice);
      log(events.read);
    } catch (error) {
      log(events.kept, faultOfFile(error));
    }
  }

  stop(): void {
    this.#watched?.stop();
  }
}
