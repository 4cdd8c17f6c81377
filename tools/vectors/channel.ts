/** Channels of a vector: encapsulated from fixed octets, with every step of their chain at hand. */
import { createHash } from 'node:crypto';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { concat } from '../../src/core/bytes.js';
import { sha256 } from '../../src/core/sha256.js';
import { encodePlace, type SegmentPlace } from '../../src/format/place.js';
import { nodeAead } from '../../src/seal/aead.js';
import { blake2b } from '../../src/seal/blake2b.js';
import { sealChannel } from '../../src/seal/channel.js';
import { decapsulate } from '../../src/seal/decapsulate.js';
import type { Identity } from '../../src/seal/keys.js';
import { SodiumMemory } from '../../src/seal/sodium.js';
import type { Chance } from './chance.js';

export const ciphertextSize = 1120;
const none = new Uint8Array(0);

/** One step of a chain: what seals one envelope, what names it, and what erases it. 32 octets each. */
export interface Step {
  readonly tag: Uint8Array;
  readonly secret: Uint8Array;
  readonly key: Uint8Array;
}

export class Channel {
  /** The step that seals the next envelope. */
  next = 0;
  readonly #steps: Step[] = [];
  #chain: Uint8Array;

  constructor(
    readonly owner: Identity,
    readonly number: number,
    chain0: Uint8Array,
  ) {
    this.#chain = chain0;
  }

  step(index: number): Step {
    while (this.#steps.length <= index) {
      const secret = blake2b(this.#chain, 'obalka secret v1', none, 32);
      const both = blake2b(this.#chain, 'obalka step v1', none, 64);
      this.#chain = both.slice(0, 32);
      this.#steps.push({ tag: sha256(secret), secret, key: both.slice(32) });
    }
    return this.#steps[index] as Step;
  }
}

/** A good channel: the body of its cell, and its chain. */
export function makeChannel(owner: Identity, at: SegmentPlace, number: number, chance: Chance) {
  const body = new Uint8Array(1264);
  sealChannel(body, owner.publicKey, at, number, chance).wipe();
  const place = encodePlace(at, 'channels', number);
  return { body, channel: new Channel(owner, number, keysOf(sharedSecret(body, owner), place).chain0) };
}

/** The same with another text of 128 octets. */
export function makeChannelWithText(
  text: Uint8Array,
  owner: Identity,
  at: SegmentPlace,
  number: number,
  chance: Chance,
) {
  const { body, channel } = makeChannel(owner, at, number, chance);
  seal(body, sharedSecret(body, owner), encodePlace(at, 'channels', number), text);
  return { body, channel };
}

/** Version and fingerprint, and zeros. */
export function channelText(owner: Identity, version = 1): Uint8Array {
  const text = new Uint8Array(128);
  text[0] = version;
  text.set(owner.fingerprint, 1);
  return text;
}

/**
 * A channel whose X25519 part is a point of low order: X25519 gives 32 zeros for it, whoever calculates it. Everything
 * else is as it should be, so a decoder that goes on with these zeros opens it.
 */
export function makeLowOrderChannel(
  point: Uint8Array,
  owner: Identity,
  at: SegmentPlace,
  number: number,
  chance: Chance,
) {
  const mlkem = ml_kem768.encapsulate(owner.publicKey.slice(0, 1184), chance(32));
  const secret = createHash('sha3-256')
    .update(concat(mlkem.sharedSecret, new Uint8Array(32), point, owner.publicKey.subarray(1184)))
    .update(Buffer.from('5c2e2f2f5e5c', 'hex'))
    .digest();
  const body = new Uint8Array(1264);
  body.set(concat(mlkem.cipherText, point));
  const place = encodePlace(at, 'channels', number);
  seal(body, secret, place, channelText(owner));
  return { body, channel: new Channel(owner, number, keysOf(secret, place).chain0) };
}

function sharedSecret(body: Uint8Array, owner: Identity): Uint8Array {
  const memory = new SodiumMemory(32);
  if (!decapsulate(memory, body.subarray(0, ciphertextSize), owner)) throw new Error('low order');
  return memory.read();
}

function keysOf(secret: Uint8Array, place: Uint8Array) {
  return {
    key: blake2b(secret, 'obalka channel key v1', place, 32),
    chain0: blake2b(secret, 'obalka chain v1', place, 32),
  };
}

function seal(body: Uint8Array, secret: Uint8Array, place: Uint8Array, text: Uint8Array): void {
  nodeAead.seal(body.subarray(ciphertextSize), keysOf(secret, place).key, new Uint8Array(12), place, text);
}
