/** Patience: how long one connection has been waited for, counted in seconds, and when that is enough. */
import type { ConnectionLimits } from './limits.js';

/** What a connection waits for: its application (or a delay that the server itself sets), the next command, more content. */
export type Waiting = 'server' | 'command' | 'content';

/** Seconds over which the rate of a content is taken. */
const rateSeconds = 60;

export class Patience {
  readonly #limits: ConnectionLimits;
  #age = 0;
  #idle = 0;
  #rateAge = 0;
  #rateOctets = 0;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** A command came whole, or replies were taken. */
  progress(): void {
    this.#idle = 0;
  }

  /** Octets came while content is expected. */
  content(octets: number): void {
    this.#idle = 0;
    this.#rateOctets += octets;
  }

  /** One second has passed. */
  tick(waiting: Waiting): 'go on' | 'timed out' | 'too slow' {
    const { commandSeconds, contentSeconds, contentRate, sessionSeconds } = this.#limits;
    this.#age += 1;
    if (waiting !== 'server') this.#idle += 1;
    if (this.#age > sessionSeconds) return 'timed out';
    if (this.#idle > (waiting === 'content' ? contentSeconds : commandSeconds)) return 'timed out';
    if (waiting === 'command') this.#startRate();
    if (waiting === 'content') this.#rateAge += 1;
    if (this.#rateAge < rateSeconds) return 'go on';
    const tooSlow = this.#rateOctets < contentRate * this.#rateAge;
    this.#startRate();
    return tooSlow ? 'too slow' : 'go on';
  }

  #startRate(): void {
    this.#rateAge = 0;
    this.#rateOctets = 0;
  }
}
