/** Row keys: where a row stands and what seals it, derived from the pepper (spec/registry.md, Derivation). */
import { concat, equal, hex } from '../core/bytes.js';
import { Problem } from '../core/errors.js';
import { writeU32 } from '../format/place.js';
import { nonceLength, sodiumAead, tagLength } from '../seal/aead.js';
import { blake2b } from '../seal/blake2b.js';
import type { Random } from '../seal/channel.js';

export const pepperSize = 32;
export const rowKeySize = 32;
/** What sealing adds to a body: nonce and tag. */
export const sealingSize = nonceLength + tagLength;

/** The place of a row (the column `key`) and the key that seals it. */
export interface Row {
  readonly key: Uint8Array;
  readonly sealKey: Uint8Array;
}

/** Everything that follows from the pepper in one registry. */
export class RowKeys {
  readonly #root: Uint8Array;
  /** Says whether the pepper is the right one, to who has the registry's id and the pepper. 16 octets. */
  readonly check: Uint8Array;
  /** Seals the row of the table `state`. */
  readonly state: Uint8Array;

  constructor(pepper: Uint8Array, id: Uint8Array) {
    if (pepper.length !== pepperSize)
      throw new Problem(
        'failure',
        `the pepper has ${pepper.length} octets, not ${pepperSize}: put back a copy of it`,
      );
    this.#root = blake2b(pepper, 'obalka registry', id, 32);
    this.check = this.#derive('pepper check', new Uint8Array(0), 16);
    this.state = this.#derive('state', new Uint8Array(0), 32);
  }

  /** Row `slot` of what `subject` stands for, in the table `recipients`. */
  recipientRow(subject: Uint8Array, slot: number): Row {
    const input = new Uint8Array(4 + subject.length);
    writeU32(input, 0, slot);
    input.set(subject, 4);
    const both = this.#derive('recipient row', input, 64);
    return { key: both.subarray(0, 32), sealKey: both.subarray(32) };
  }

  /** The row of what `subject` stands for in the table `keys`. */
  keyRow(subject: Uint8Array): Row {
    const key = this.#derive('key row', subject, 32);
    return { key, sealKey: this.keyRowSeal(key) };
  }

  /** What seals a row of the table `keys`, from its place alone: this table can be listed. */
  keyRowSeal(key: Uint8Array): Uint8Array {
    return this.#derive('key row seal', key, 32);
  }

  #derive(context: string, input: Uint8Array, length: number): Uint8Array {
    return blake2b(this.#root, context, input, length);
  }
}

/** nonce | ciphertext | tag, bound to `place`. The nonce is random: few are ever used under one key. */
export function sealRow(
  sealKey: Uint8Array,
  place: Uint8Array,
  body: Uint8Array,
  random: Random,
): Uint8Array {
  const nonce = random(nonceLength);
  const sealed = new Uint8Array(body.length + tagLength);
  sodiumAead.seal(sealed, sealKey, nonce, place, body);
  return concat(nonce, sealed);
}

/** The body, or undefined if it was not sealed with this key for this place. */
export function openRow(sealKey: Uint8Array, place: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < sealingSize) return undefined;
  return sodiumAead.open(sealKey, sealed.subarray(0, nonceLength), place, sealed.subarray(nonceLength));
}

/** A row in words, as problems name it: "recipients row 9f03a1c25b77e0d4". It tells nothing without the pepper. */
export function describeRow(table: string, key: Uint8Array): string {
  return `${table} row ${hex(key.subarray(0, 8))}`;
}

export function samePepper(keys: RowKeys, check: Uint8Array): boolean {
  return equal(keys.check, check);
}
