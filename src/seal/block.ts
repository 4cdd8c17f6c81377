/** Blocks: a message key, what follows from it, and the sealing of block after block (spec/sealing.md, Blocks). */
import { equal } from '../core/bytes.js';
import { blockTextSize, commitmentSize, firstBlockTextSize } from '../format/blocks.js';
import { placeSize, type SegmentPlace, writePlace, writeU64 } from '../format/place.js';
import { type Aead, nonceLength, tagLength } from './aead.js';
import { blake2b } from './blake2b.js';

const none = new Uint8Array(0);

/** Which block of a message: level 0 is data, level n indexes level n - 1; `final` on the last of its level. */
export interface BlockIndex {
  readonly level: number;
  readonly index: number;
  readonly final: boolean;
}

/** The keys of one message; all follow from the message key. */
export class MessageKeys {
  readonly commitment: Uint8Array;
  readonly #key: Uint8Array;
  readonly #nonce: Uint8Array;
  readonly #blockNonce = new Uint8Array(nonceLength);
  readonly #aad = new Uint8Array(placeSize + commitmentSize);

  constructor(readonly messageKey: Uint8Array) {
    const keys = blake2b(messageKey, 'obalka block key v1', none, 64);
    this.#key = keys.slice(0, 32);
    this.commitment = keys.slice(32);
    keys.fill(0);
    this.#nonce = blake2b(messageKey, 'obalka block nonce v1', none, 16).subarray(0, 12);
    this.#aad.set(this.commitment, placeSize);
  }

  /** Seals one block's plaintext (zero-padded, `blockRoom` octets) into the body of its cell. */
  seal(
    body: Uint8Array,
    plaintext: Uint8Array,
    block: BlockIndex,
    at: SegmentPlace,
    number: number,
    aead: Aead,
  ): void {
    const lead = leadOf(block);
    if (lead > 0) body.set(this.commitment);
    aead.seal(body.subarray(lead), this.#key, this.#nonceOf(block), this.#aadAt(at, number), plaintext);
  }

  /** The plaintext of a block; undefined if its commitment or its tag does not hold. */
  open(
    body: Uint8Array,
    block: BlockIndex,
    at: SegmentPlace,
    number: number,
    aead: Aead,
  ): Uint8Array | undefined {
    const lead = leadOf(block);
    if (lead > 0 && !equal(body.subarray(0, commitmentSize), this.commitment)) return undefined;
    const sealed = body.subarray(lead, lead + blockRoom(block) + tagLength);
    return aead.open(this.#key, this.#nonceOf(block), this.#aadAt(at, number), sealed);
  }

  wipe(): void {
    this.messageKey.fill(0);
    this.#key.fill(0);
  }

  /** base XOR (u8 level | u8 final | 0 0 | u64 index): no two blocks of a message share a nonce. */
  #nonceOf({ level, final, index }: BlockIndex): Uint8Array {
    const nonce = this.#blockNonce;
    nonce[0] = level;
    nonce[1] = final ? 1 : 0;
    nonce[2] = 0;
    nonce[3] = 0;
    writeU64(nonce, 4, index);
    for (let i = 0; i < 12; i++) nonce[i] = (nonce[i] as number) ^ (this.#nonce[i] as number);
    return nonce;
  }

  #aadAt(at: SegmentPlace, number: number): Uint8Array {
    writePlace(this.#aad, 0, at, 'blocks', number);
    return this.#aad;
  }
}

/** Octets of plaintext that this block holds. */
export function blockRoom(block: { level: number; index: number }): number {
  return leadOf(block) > 0 ? firstBlockTextSize : blockTextSize;
}

/** The first data block begins with the commitment. */
function leadOf(block: { level: number; index: number }): number {
  return block.level === 0 && block.index === 0 ? commitmentSize : 0;
}
