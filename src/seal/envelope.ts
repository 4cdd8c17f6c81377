/** Envelope cell: tag | random nonce | ciphertext, sealed with one step of a channel (spec/sealing.md, Envelopes). */
import { concat } from '../core/bytes.js';
import { tagSize } from '../format/cell.js';
import { envelopeTextSize } from '../format/envelope.js';
import { encodePlace, type SegmentPlace } from '../format/place.js';
import { nonceLength, sodiumAead, tagLength } from './aead.js';
import type { SealingChain } from './chain.js';
import type { Random } from './channel.js';

const sealedAt = tagSize + nonceLength;
const sealedSize = envelopeTextSize + tagLength;

/** Writes the body of an envelope cell (1264 bytes) at its place, spending one step of the chain. */
export function sealEnvelope(
  body: Uint8Array,
  plaintext: Uint8Array,
  chain: SealingChain,
  at: SegmentPlace,
  number: number,
  random: Random,
): void {
  chain.take((tag, seal) => {
    const nonce = random(nonceLength);
    body.set(tag);
    body.set(nonce, tagSize);
    seal(body.subarray(sealedAt), nonce, concat(encodePlace(at, 'envelopes', number), tag), plaintext);
  });
}

/** The plaintext of an envelope cell under the key of the step its tag belongs to; undefined if it does not open. */
export function openEnvelope(
  cell: Uint8Array,
  key: Uint8Array,
  at: SegmentPlace,
  number: number,
): Uint8Array | undefined {
  const aad = concat(encodePlace(at, 'envelopes', number), cell.subarray(0, tagSize));
  const nonce = cell.subarray(tagSize, sealedAt);
  return sodiumAead.open(key, nonce, aad, cell.subarray(sealedAt, sealedAt + sealedSize));
}
