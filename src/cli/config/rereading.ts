/** Rereading: the configuration of a running server, read again, and what has to wait for its next start. */

import { goodConfiguration } from './load.js';
import type { Given } from './setting.js';
import { type Key, keys, type Settled, settings } from './settings.js';
import { clashes, settle } from './settled.js';

export class LiveSettings {
  readonly #given: Given;
  readonly #path: string | undefined;
  readonly #log: (event: string) => void;
  /** What held when the server started; what can be reread is as it is now. */
  #now: Settled;

  /** `path` is the file that was found at the start; another is not looked for. */
  constructor(given: Given, path: string | undefined, now: Settled, log: (event: string) => void) {
    this.#given = given;
    this.#path = path;
    this.#now = now;
    this.#log = log;
  }

  get now(): Settled {
    return this.#now;
  }

  /** Reads the file again, and says what was changed and cannot be taken. One that is bad leaves the old. */
  async again(): Promise<Settled> {
    if (this.#path === undefined) return this.#now;
    try {
      const others = settle(this.#given, await goodConfiguration(this.#path));
      const [clash] = clashes(others);
      if (clash) throw new Error(clash.what);
      const changed = keys.filter((key) => isOther(key, this.#now, others));
      const taken = new Set<Key>(keys.filter((key) => isReread(key)));
      const both = keys.map((key) => [key, (taken.has(key) ? others : this.#now)[key]]);
      this.#now = Object.fromEntries(both) as Settled;
      const waiting = changed.filter((key) => !taken.has(key));
      if (changed.length > waiting.length) this.#log('configuration read again');
      for (const key of waiting) this.#log(`configuration: ${key} has changed, and needs a restart`);
    } catch (error) {
      this.#log(`configuration not read again, the old one stays in use: ${(error as Error).message}`);
    }
    return this.#now;
  }
}

function isReread(key: Key): boolean {
  const setting = settings[key];
  return 'isReread' in setting && setting.isReread === true;
}

/** What is usual may depend on how the server was started: it has not changed then. */
function isOther(key: Key, before: Settled, after: Settled): boolean {
  const [one, other] = [before[key], after[key]];
  if (one.source.kind === 'default' && other.source.kind === 'default') return false;
  return JSON.stringify(one.value) !== JSON.stringify(other.value);
}
