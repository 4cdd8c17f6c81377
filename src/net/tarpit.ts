/** Tarpit: what faults cost a session, and guessed recipients its network, in time. */
import type { Clock } from './clock.js';
import type { ConnectionLimits } from './limits.js';
import type { Pace } from './pace.js';
import type { Visitor } from './visitor.js';

export class Tarpit {
  readonly #visitor: Visitor;
  readonly #limits: ConnectionLimits;
  readonly #guesses: Pace;
  readonly #clock: Clock;
  #faults = 0;
  #refused = 0;

  /** `guesses` is shared by all connections of the server. */
  constructor(visitor: Visitor, limits: ConnectionLimits, guesses: Pace, clock: Clock) {
    this.#visitor = visitor;
    this.#limits = limits;
    this.#guesses = guesses;
    this.#clock = clock;
  }

  /** The tarpit of the same session, whose client turned out to be another. */
  of(visitor: Visitor): Tarpit {
    const other = new Tarpit(visitor, this.#limits, this.#guesses, this.#clock);
    other.#faults = this.#faults;
    other.#refused = this.#refused;
    return other;
  }

  /** Whether this network has guessed so much that no further recipient of it is looked up. */
  get full(): boolean {
    const { spared, network } = this.#visitor;
    if (spared || network === '') return false;
    return this.#guesses.wait(network, this.#clock.now()) > 1000 * this.#limits.tarpitSeconds;
  }

  /**
   * Milliseconds that the replies given since the last call must wait: `faults` and `refused` are the session's counts of
   * faulty commands and of recipients that were refused for good.
   */
  delay(faults: number, refused: number): number {
    const { quickErrors, errorSeconds } = this.#limits;
    const slowFaults = Math.max(faults - Math.max(this.#faults, quickErrors), 0);
    const guesses = refused - this.#refused;
    this.#faults = faults;
    this.#refused = refused;
    if (this.#visitor.spared) return 0;
    return Math.max(1000 * errorSeconds * slowFaults, this.#guess(guesses));
  }

  #guess(times: number): number {
    const { network } = this.#visitor;
    if (times === 0 || network === '') return 0;
    const now = this.#clock.now();
    let wait = 0;
    for (let guess = 0; guess < times; guess++) {
      wait = this.#guesses.wait(network, now);
      this.#guesses.add(network, now);
    }
    return wait;
  }
}
