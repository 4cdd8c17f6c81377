/** Erasures: orders that come within a moment are carried out together, so that one of them is not one event. */

import { append } from '../core/long-lists.js';
import type { ErasureOrder } from '../format/erasure.js';
import type { ErasureResult } from '../journal/erasing.js';

/** How long the first order waits for others. */
const gatherMilliseconds = 1000;

type Carry = (orders: readonly ErasureOrder[]) => Promise<ErasureResult[]>;

export class Erasures {
  readonly #carry: Carry;
  #orders: ErasureOrder[] = [];
  #next: Promise<ErasureResult[]> | undefined;
  #begin: () => void = () => undefined;

  constructor(carry: Carry) {
    this.#carry = carry;
  }

  /** One result for each order, once all of them are durable. */
  async erase(orders: readonly ErasureOrder[]): Promise<ErasureResult[]> {
    const from = this.#orders.length;
    append(this.#orders, orders);
    this.#next ??= this.#gather();
    return (await this.#next).slice(from, from + orders.length);
  }

  /** Carries out at once what waits, and waits for it. */
  async end(): Promise<void> {
    this.#begin();
    await this.#next?.catch(() => undefined);
  }

  async #gather(): Promise<ErasureResult[]> {
    await new Promise<void>((done) => {
      this.#begin = done;
      setTimeout(done, gatherMilliseconds);
    });
    const orders = this.#orders;
    this.#orders = [];
    this.#next = undefined;
    return this.#carry(orders);
  }
}
