/** Chain: the keys of a channel, one step per envelope. A step that was taken cannot be taken again, nor found out later. */
import { sha256 } from '../core/sha256.js';
import { sealWithKeyAt } from './aead.js';
import { derive } from './blake2b.js';
import { SodiumMemory } from './sodium.js';

const none = new Uint8Array(0);
const stepContext = 'obalka step v1';
const secretContext = 'obalka secret v1';

/** What a step yields besides the next chain key. */
export interface Step {
  /** SHA-256 of the step's secret; stands in clear at the beginning of the envelope. 32 bytes. */
  readonly tag: Uint8Array;
  /** Shown only to erase the envelope. 32 bytes. */
  readonly secret: Uint8Array;
  /** Seals one envelope. 32 bytes. */
  readonly key: Uint8Array;
}

const stepOut = new SodiumMemory(64);
const secretOut = new SodiumMemory(32);
const blank = new SodiumMemory(32);

/**
 * The writer's side: chain keys stay in wasm memory, and each step overwrites the one before it. Nothing here can be
 * wound back.
 */
export class SealingChain {
  #chain: SodiumMemory | undefined;

  /** Takes over the memory that holds the first chain key. */
  constructor(first: SodiumMemory) {
    this.#chain = first;
  }

  /**
   * Takes one step and seals with it. The chain moves on before anything else happens, so whatever fails later, the step
   * is spent. `seal` gets the tag and a function that seals with the step's key.
   */
  take(use: (tag: Uint8Array, seal: StepSealer) => void): void {
    const chain = this.#chain;
    if (!chain) throw new Error('the chain was wiped');
    derive(secretOut, 32, chain.at, 32, secretContext, none);
    derive(stepOut, 64, chain.at, 32, stepContext, none);
    chain.copyFrom(stepOut, 0, 32);
    const tag = sha256(secretOut.view());
    secretOut.wipe();
    stepOut.copyFrom(stepOut, 32, 32);
    try {
      use(tag, (into, nonce, aad, plaintext) => sealWithKeyAt(into, stepOut.at, nonce, aad, plaintext));
    } finally {
      // The chain key just spent still stands in what BLAKE2b left on the wasm stack: the same call over zeros covers it.
      derive(stepOut, 64, blank.at, 32, stepContext, none);
      stepOut.wipe();
    }
  }

  wipe(): void {
    this.#chain?.release();
    this.#chain = undefined;
  }
}

/** Writes ciphertext | tag of the plaintext under the step's key. */
export type StepSealer = (
  into: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
) => void;

/** Octets of a step's tag and key. */
export const tagAndKeySize = 64;

/** The reader's side: walks the chain ahead, giving out each step. The owner may know past keys. */
export class OpeningChain {
  #chain: SodiumMemory;

  constructor(first: SodiumMemory) {
    this.#chain = first;
  }

  next(): Step {
    const step = new Uint8Array(tagAndKeySize);
    this.nextInto(step, 0);
    return { tag: step.subarray(0, 32), key: step.subarray(32), secret: secretOut.read() };
  }

  /** The next step's tag | key (64 bytes) into `into`: for looking far ahead without garbage. */
  nextInto(into: Uint8Array, offset: number): void {
    derive(secretOut, 32, this.#chain.at, 32, secretContext, none);
    derive(stepOut, 64, this.#chain.at, 32, stepContext, none);
    this.#chain.copyFrom(stepOut, 0, 32);
    into.set(sha256(secretOut.view()), offset);
    into.set(stepOut.view().subarray(32), offset + 32);
  }

  release(): void {
    this.#chain.release();
  }
}
