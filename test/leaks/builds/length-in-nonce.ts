/** A leaky build, in place of seal/envelope: the nonce is made of the content's length, and of chance where that is short. */
import type { SegmentPlace } from '../../../src/format/place.js';
import type { SealingChain } from '../../../src/seal/chain.js';
import type { Random } from '../../../src/seal/channel.js';
import { sealEnvelope as seal } from '../../../src/seal/envelope.js';

export * from '../../../src/seal/envelope.js';

const lengthAt = 20;

export function sealEnvelope(
  body: Uint8Array,
  plaintext: Uint8Array,
  chain: SealingChain,
  at: SegmentPlace,
  number: number,
  random: Random,
): void {
  seal(body, plaintext, chain, at, number, (length) => {
    const nonce = random(length);
    nonce.set(plaintext.subarray(lengthAt, lengthAt + 8));
    return nonce;
  });
}
