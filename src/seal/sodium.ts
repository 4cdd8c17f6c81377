/**
 * The door to libsodium, below its wrappers: functions that work on wasm memory. Secrets of channels live there and
 * nowhere else, because V8 moves small arrays about and leaves copies behind.
 */
import sodium from 'libsodium-wrappers';

await sodium.ready;

/** The emscripten module under the wrappers: pointers are numbers, memory is HEAPU8, 0 is success. */
interface RawSodium {
  /** Read anew at each use: memory that grows gets a new view. */
  readonly HEAPU8: Uint8Array;
  _malloc(size: number): number;
  _free(pointer: number): void;
  _crypto_generichash(
    out: number,
    outLength: number,
    input: number,
    inputLow: number,
    inputHigh: number,
    key: number,
    keyLength: number,
  ): number;
  _crypto_kem_xwing_enc_deterministic(
    ciphertext: number,
    secret: number,
    publicKey: number,
    seed: number,
  ): number;
  _crypto_kem_mlkem768_seed_keypair(publicKey: number, secretKey: number, seed: number): number;
  _crypto_kem_mlkem768_dec(secret: number, ciphertext: number, secretKey: number): number;
  _crypto_kem_xwing_seed_keypair(publicKey: number, secretKey: number, seed: number): number;
  _crypto_aead_chacha20poly1305_ietf_encrypt(
    ciphertext: number,
    ciphertextLength: number,
    message: number,
    messageLow: number,
    messageHigh: number,
    aad: number,
    aadLow: number,
    aadHigh: number,
    noSecret: number,
    nonce: number,
    key: number,
  ): number;
  _crypto_aead_chacha20poly1305_ietf_decrypt(
    message: number,
    messageLength: number,
    noSecret: number,
    ciphertext: number,
    ciphertextLow: number,
    ciphertextHigh: number,
    aad: number,
    aadLow: number,
    aadHigh: number,
    nonce: number,
    key: number,
  ): number;
}

export const raw: RawSodium = (sodium as typeof sodium & { libsodium: RawSodium }).libsodium;

/** V8 keeps the content of typed arrays of up to 64 bytes in its own heap. */
const smallestOutsideHeap = 65;

/** A piece of wasm memory. Its owner wipes it; `release` wipes and gives it back. */
export class SodiumMemory {
  readonly at: number;

  constructor(readonly size: number) {
    this.at = raw._malloc(size);
    if (this.at === 0) throw new Error('libsodium is out of memory');
    this.wipe();
  }

  static of(bytes: Uint8Array): SodiumMemory {
    const memory = new SodiumMemory(bytes.length);
    memory.write(bytes);
    return memory;
  }

  write(bytes: Uint8Array, offset = 0): void {
    if (offset + bytes.length > this.size) throw new RangeError('over the end of libsodium memory');
    raw.HEAPU8.set(bytes, this.at + offset);
  }

  /**
   * Fills it with random bytes that a function gives. The function's array is outside V8's heap, where it can be wiped
   * for good: V8 moves arrays of up to 64 bytes about, and leaves copies behind.
   */
  fillRandom(random: (length: number) => Uint8Array): void {
    const bytes = random(Math.max(this.size, smallestOutsideHeap));
    this.write(bytes.subarray(0, this.size));
    bytes.fill(0);
  }

  /** A copy in JavaScript's memory: only for what is no secret, or is about to be used up. */
  read(offset = 0, length = this.size - offset): Uint8Array {
    return raw.HEAPU8.slice(this.at + offset, this.at + offset + length);
  }

  /** The bytes where they are: valid until the next call into libsodium. */
  view(): Uint8Array {
    return raw.HEAPU8.subarray(this.at, this.at + this.size);
  }

  copyTo(target: Uint8Array, offset: number, length: number): void {
    target.set(raw.HEAPU8.subarray(this.at + offset, this.at + offset + length));
  }

  /** Moves bytes within wasm memory. */
  copyFrom(source: SodiumMemory, offset: number, length: number, to = 0): void {
    raw.HEAPU8.copyWithin(this.at + to, source.at + offset, source.at + offset + length);
  }

  wipe(): void {
    raw.HEAPU8.fill(0, this.at, this.at + this.size);
  }

  release(): void {
    this.wipe();
    raw._free(this.at);
  }
}

/** Throws if libsodium refused: with inputs of the right sizes that is a bug, not an event. */
export function mustSucceed(result: number, what: string): void {
  if (result !== 0) throw new Error(`libsodium: ${what} failed`);
}
