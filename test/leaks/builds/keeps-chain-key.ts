/** A leaky build, in place of seal/chain: each chain key is kept in a Buffer, as a program would that wants to go back. */
import { SealingChain as Sound, type StepSealer } from '../../../src/seal/chain.js';
import type { SodiumMemory } from '../../../src/seal/sodium.js';

export * from '../../../src/seal/chain.js';

export class SealingChain extends Sound {
  readonly #first: SodiumMemory;
  readonly #kept: Buffer[] = [];

  constructor(first: SodiumMemory) {
    super(first);
    this.#first = first;
  }

  override take(use: (tag: Uint8Array, seal: StepSealer) => void): void {
    this.#kept.push(Buffer.from(this.#first.view()));
    super.take(use);
  }
}
