/** Chosen files: what a server reads from the files that its configuration names, and reads elsewhere once it names others. */
import { Watched } from './watched-files.js';

export interface ChosenFilesOptions<C, T> {
  /** What they are, in a log: "lists". */
  readonly name: string;
  readonly pathsOf: (choice: C) => readonly string[];
  /** Throws a Problem that names the file, and the line. */
  readonly read: (choice: C) => Promise<T>;
  readonly log: (event: string) => void;
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
    const { name, pathsOf, read, log } = this.#options;
    const paths = pathsOf(choice);
    const watched =
      paths.length > 0 ? await Watched.start({ paths, read: () => read(choice), name }, log) : undefined;
    this.stop();
    this.#watched = watched;
    this.#chosen = JSON.stringify(choice);
  }

  /** The same files if they have changed; or others, if they are good. */
  async again(choice: C): Promise<void> {
    if (this.#chosen === JSON.stringify(choice)) return this.#watched?.again();
    const { name, log } = this.#options;
    try {
      await this.choose(choice);
      log(`${name} read again`);
    } catch (error) {
      log(`${name} not read again, the old ones stay in use: ${(error as Error).message}`);
    }
  }

  stop(): void {
    this.#watched?.stop();
  }
}
