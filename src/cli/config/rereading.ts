/** Rereading: the configuration of a running server, read again, and what has to wait for its next start. */
import { Problem } from '../../core/errors.js';
import { faultOfFile } from '../log/fields.js';
import type { Log } from '../log/log.js';
import { goodConfiguration } from './load.js';
import type { Given } from './setting.js';
import { type Key, keys, type Settled, settings } from './settings.js';
import { clashes, settle } from './settled.js';

export class LiveSettings {
  readonly #given: Given;
  readonly #path: string | undefined;
  readonly #log: Log;
  /** What held when the server started; what can be reread is as it is now. */
  #now: Settled;
  #busy: Promise<void> = Promise.resolve();

  /** `path` is the file that was found at the start; another is not looked for. */
  constructor(given: Given, path: string | undefined, now: Settled, log: Log) {
    this.#given = given;
    this.#path = path;
    this.#now = now;
    this.#log = log;
  }

  get now(): Settled {
    return this.#now;
  }

  /**
   * Reads the file again, hands over what holds now, and says what was changed and cannot be taken. A bad file leaves
   * the old one. Without a file, or with a bad one, what holds is handed over all the same: it names files to be read.
   * One after the other, if it is asked for more than once.
   */
  again(take: (now: Settled) => Promise<void>): Promise<void> {
    this.#busy = this.#busy.then(() => this.#again(take));
    return this.#busy;
  }

  async #again(take: (now: Settled) => Promise<void>): Promise<void> {
    const changed = await this.#read();
    await take(this.#now);
    if (changed.some(isReread)) this.#log('configuration-read');
    for (const key of changed.filter((one) => !isReread(one))) this.#log('configuration-waits', { key });
  }

  /** Which keys have changed; those that can be are taken. */
  async #read(): Promise<readonly Key[]> {
    if (this.#path === undefined) return [];
    try {
      const others = settle(this.#given, await goodConfiguration(this.#path));
      const [clash] = clashes(others);
      if (clash) throw new Problem('usage', clash.what);
      const changed = keys.filter((key) => isOther(key, this.#now, others));
      const both = keys.map((key) => [key, (isReread(key) ? others : this.#now)[key]]);
      this.#now = Object.fromEntries(both) as Settled;
      return changed;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#log('configuration-kept', faultOfFile(error));
      return [];
    }
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
