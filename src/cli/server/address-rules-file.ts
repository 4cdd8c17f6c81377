/** Address rules file: `address-rules` in the data directory, read again when it changes. No file: the usual rules. */
import { readFile } from 'node:fs/promises';
import { Problem } from '../../core/errors.js';
import { type AddressRules, parseAddressRules, usualRules } from '../../registry/address-rules.js';
import { faultOfFile } from '../log/fields.js';
import type { Log } from '../log/log.js';
import { stateOf } from './tls-files.js';

const everyMilliseconds = 5000;

/** The rules of a file, or the usual ones if there is none. Throws a Problem that names the file, and the line. */
export async function readAddressRules(path: string): Promise<AddressRules> {
  const text = await readText(path);
  return text === undefined ? usualRules : parseAddressRules(text, path);
}

/** The rules of a running server. A file that cannot be read any more leaves the old ones. */
export class WatchedRules {
  readonly #path: string;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #state: string;
  #rules: AddressRules;
  #changed: () => void = () => {};

  private constructor(path: string, log: Log, state: string, rules: AddressRules) {
    this.#path = path;
    this.#log = log;
    this.#state = state;
    this.#rules = rules;
    this.#timer = setInterval(() => void this.again(), everyMilliseconds);
    this.#timer.unref();
  }

  /** Throws a Problem that names the file, and the line. */
  static async start(path: string, log: Log): Promise<WatchedRules> {
    const state = await stateOf([path]);
    return new WatchedRules(path, log, state, await readAddressRules(path));
  }

  get now(): AddressRules {
    return this.#rules;
  }

  /** Calls `changed` whenever other rules hold. */
  onChange(changed: () => void): void {
    this.#changed = changed;
  }

  /** Reads the file if it has changed. */
  async again(): Promise<void> {
    const state = await stateOf([this.#path]);
    if (state === this.#state) return;
    this.#state = state;
    try {
      const text = await readText(this.#path);
      if (text === undefined)
        throw new Problem('failure', `${this.#path}: the file is gone; an empty one says what none says`);
      this.#rules = parseAddressRules(text, this.#path);
      this.#changed();
      this.#log('rules-read');
    } catch (error) {
      this.#log('rules-kept', faultOfFile(error));
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Problem('failure', `${path}: the address rules cannot be read (${error.code})`);
  });
}
