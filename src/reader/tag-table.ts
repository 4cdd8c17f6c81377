/** Tag table: the tags that the envelopes of one's channels may bear, looked up for every cell of a segment. */
import { equal } from '../core/bytes.js';
import type { OpeningChain, Step } from '../seal/chain.js';

/** How far a channel is looked ahead: steps that failed to be written leave gaps (spec/sealing.md, Finding mail). */
const lookAhead = 1024;

export interface Channel<T> {
  readonly owner: T;
  readonly chain: OpeningChain;
}

interface Expected<T> {
  readonly step: Step;
  readonly index: number;
  readonly channel: { readonly owner: T; readonly chain: OpeningChain; known: number };
  /** Another expected tag with the same beginning. */
  readonly next: Expected<T> | undefined;
}

export class TagTable<T> {
  readonly #expected = new Map<number, Expected<T>>();

  constructor(channels: readonly Channel<T>[]) {
    for (const { owner, chain } of channels) this.#extend({ owner, chain, known: 0 }, lookAhead);
  }

  /** The owner and step of a cell, or undefined if it is none of ours. Cells come in any order. */
  find(cells: Uint8Array, at: number): { owner: T; step: Step } | undefined {
    let found = this.#expected.get(keyAt(cells, at));
    if (!found) return undefined;
    const tag = cells.subarray(at, at + 32);
    while (found && !equal(found.step.tag, tag)) found = found.next;
    if (!found) return undefined;
    this.#extend(found.channel, found.index + 1 + lookAhead);
    return { owner: found.channel.owner, step: found.step };
  }

  #extend(channel: Expected<T>['channel'], until: number): void {
    for (; channel.known < until; channel.known++) {
      const step = channel.chain.next();
      const key = keyAt(step.tag, 0);
      this.#expected.set(key, { step, index: channel.known, channel, next: this.#expected.get(key) });
    }
  }
}

/** 30 bits of the tag: a small integer, which Map looks up fastest. */
function keyAt(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) & 0x3f) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}
