/** Progress: a line on a terminal that says how far something is, how fast, and how long it will still take. */

import { mayChat } from './output.js';
import { isTerminal } from './terminal.js';

/** What it writes to: standard error, where that is a terminal. */
interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Nothing is shown of what takes less than a second, or where nobody looks. */
const quietMilliseconds = 1000;
const everyMilliseconds = 250;
const clearLine = '\r\u001b[K';

export class Progress {
  readonly #what: string;
  readonly #terminal: Terminal;
  readonly #now: () => number;
  readonly #began: number;
  #shown = 0;

  constructor(
    what: string,
    terminal: Terminal = process.stderr,
    // The clock of `performance` has to be loaded first.
    now: () => number = () => process.uptime() * 1000,
  ) {
    this.#what = what;
    this.#terminal = terminal;
    this.#now = now;
    this.#began = now();
  }

  /** So many octets of so many are done; or so many of what `showRate` says how fast they are done. */
  at(done: number, total: number, showRate = megabytes): void {
    const now = this.#now();
    const passed = now - this.#began;
    if (
      !isTerminal(this.#terminal) ||
      !mayChat() ||
      passed < quietMilliseconds ||
      now - this.#shown < everyMilliseconds
    )
      return;
    this.#shown = now;
    const rate = done / (passed / 1000);
    const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
    // What begins slowly would frighten: how long it takes is said when there is something to go by.
    const isKnown = rate > 0 && (percent >= 2 || passed >= quietMilliseconds * 5);
    const left = isKnown ? `, ${duration(Math.ceil((total - done) / rate))} left` : '';
    this.#terminal.write(`${clearLine}${this.#what} ${percent} %, ${showRate(rate)}${left}`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#shown > 0) this.#terminal.write(clearLine);
  }
}

function megabytes(octets: number): string {
  if (octets < 1e6) return `${Math.round(octets / 1e3)} kB/s`;
  return `${(octets / 1e6).toFixed(octets < 1e7 ? 1 : 0)} MB/s`;
}

/** "12 s", "3 min", "2 h". */
function duration(seconds: number): string {
  if (seconds < 100) return `${seconds} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
