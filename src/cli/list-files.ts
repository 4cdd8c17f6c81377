/** List files: --allow and --deny, read again when they change. A list that cannot be read any more leaves the old one. */
import { readFile } from 'node:fs/promises';
import { Problem } from '../core/errors.js';
import { emptyList, type List, parseList } from '../server/list-policy.js';
import { stateOf } from './tls-files.js';

export interface ListFiles {
  readonly allow: string | undefined;
  readonly deny: string | undefined;
}

export interface Lists {
  readonly allow: List;
  readonly deny: List;
}

const everyMilliseconds = 5000;

export class WatchedLists {
  readonly #files: ListFiles;
  readonly #log: (event: string) => void;
  readonly #timer: NodeJS.Timeout;
  #state: string;
  #lists: Lists;

  private constructor(files: ListFiles, log: (event: string) => void, state: string, lists: Lists) {
    this.#files = files;
    this.#log = log;
    this.#state = state;
    this.#lists = lists;
    this.#timer = setInterval(() => void this.again(), everyMilliseconds);
    this.#timer.unref();
  }

  /** Throws a Problem that names the file, and the line. */
  static async start(files: ListFiles, log: (event: string) => void): Promise<WatchedLists> {
    const state = await stateOf(paths(files));
    return new WatchedLists(files, log, state, await readLists(files));
  }

  get lists(): Lists {
    return this.#lists;
  }

  /** Reads them if they have changed. */
  async again(): Promise<void> {
    const state = await stateOf(paths(this.#files));
    if (state === this.#state) return;
    this.#state = state;
    try {
      this.#lists = await readLists(this.#files);
      this.#log('lists read again');
    } catch (error) {
      this.#log(`lists not read again, the old ones stay in use: ${(error as Error).message}`);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function paths({ allow, deny }: ListFiles): readonly string[] {
  return [allow, deny].filter((path) => path !== undefined);
}

async function readLists({ allow, deny }: ListFiles): Promise<Lists> {
  const read = async (path: string | undefined): Promise<List> => {
    if (path === undefined) return emptyList;
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new Problem(
        'failure',
        `${path}: the list cannot be read (${error.code}); name a file that is there`,
      );
    });
    return parseList(text, path);
  };
  return { allow: await read(allow), deny: await read(deny) };
}
