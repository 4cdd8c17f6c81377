/** Forgetting: erasing and dropping in all lanes of a journal, one at a time, beside those who write them. */
import type { ErasureOrder } from '../format/erasure.js';
import { type ErasingPlace, type ErasureResult, eraseEnvelopes, finishErasing } from './erasing.js';
import { dropSegments, findOld, type Old } from './retention.js';

export interface ForgettingPlace extends ErasingPlace {
  /** The segments that are being written now. */
  readonly written: () => readonly { readonly lane: Uint8Array; readonly segment: number }[];
}

export class Forgetting {
  readonly #at: ForgettingPlace;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(at: ForgettingPlace) {
    this.#at = at;
  }

  /** Erases envelopes of any lane (spec/journal.md, Erasing). */
  erase(orders: readonly ErasureOrder[]): Promise<ErasureResult[]> {
    return this.#inTurn(() => eraseEnvelopes(this.#at, orders));
  }

  /** Drops segments of all lanes that hold nothing from after `before`, unless `allows` is against it. */
  retain(before: number, allows: (old: Old) => boolean): Promise<Old> {
    const { disk, folder, written } = this.#at;
    return this.#inTurn(async () => {
      const old = await findOld(disk, folder, before, written());
      if (allows(old)) await dropSegments(disk, folder, old.segments);
      return old;
    });
  }

  /** Does what is left of an erasure, for lanes whose writer ended in the middle of it. */
  finish(): Promise<unknown> {
    return this.#inTurn(() => finishErasing(this.#at));
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    await this.#turn;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
