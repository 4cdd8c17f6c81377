/**
 * age files (C2SP age.md): sealing to recipient keys, piece by piece, and opening. The header is age-encryption's work; the
 * chunks are sealed here, by the faster of the two ciphers.
 */
import { Decrypter, Encrypter } from 'age-encryption';
import { nodeAead, tagLength } from '../../seal/aead.js';
import type { Random } from '../../seal/channel.js';
import { hkdfSha256 } from '../../seal/hkdf.js';
import { encodeIdentity, encodePublicKey, type Identity } from '../../seal/keys.js';

/** Octets of plaintext in a chunk. */
const chunkSize = 65_536;
const nonceSize = 16;
const none = new Uint8Array(0);

/** One age file while it is written. */
export class AgeFile {
  readonly #key: Uint8Array;
  readonly #nonce = new Uint8Array(12);
  readonly #chunk = new Uint8Array(chunkSize);
  #filled = 0;

  private constructor(
    /** What the file begins with. */
    readonly head: Uint8Array,
    key: Uint8Array,
  ) {
    this.#key = key;
  }

  /** To recipient keys of 1216 octets. */
  static async begin(publicKeys: readonly Uint8Array[], random: Random): Promise<AgeFile> {
    let fileKey = none;
    const encrypter = new Encrypter();
    for (const key of publicKeys) encrypter.addRecipient(encodePublicKey(key));
    encrypter.addRecipient({
      wrapFileKey(key) {
        fileKey = Uint8Array.from(key);
        return [];
      },
    });
    const empty = await encrypter.encrypt(none);
    // Behind the header stand the nonce and one chunk of nothing; both are made anew.
    const header = empty.subarray(0, empty.length - nonceSize - tagLength);
    const nonce = random(nonceSize);
    const key = hkdfSha256(fileKey, nonce, 'payload', 32);
    fileKey.fill(0);
    return new AgeFile(Buffer.concat([header, nonce]), key);
  }

  /** What the next octets of plaintext add to the file. */
  write(bytes: Uint8Array): Uint8Array[] {
    const sealed: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      if (this.#filled === chunkSize) sealed.push(this.#seal(false));
      const piece = bytes.subarray(at, at + chunkSize - this.#filled);
      this.#chunk.set(piece, this.#filled);
      this.#filled += piece.length;
      at += piece.length;
    }
    return sealed;
  }

  /** What the file ends with. */
  end(): Uint8Array {
    const last = this.#seal(true);
    this.#chunk.fill(0);
    this.#key.fill(0);
    return last;
  }

  #seal(isLast: boolean): Uint8Array {
    const sealed = new Uint8Array(this.#filled + tagLength);
    this.#nonce[11] = isLast ? 1 : 0;
    nodeAead.seal(sealed, this.#key, this.#nonce, none, this.#chunk.subarray(0, this.#filled));
    this.#filled = 0;
    for (let at = 10; at >= 0; at--) {
      this.#nonce[at] = (this.#nonce[at] as number) + 1;
      if (this.#nonce[at] !== 0) break;
    }
    return sealed;
  }
}

/** The plaintext of an age file, piece by piece. Throws where none of the identities opens it, or it does not hold. */
export async function* openAgeFile(
  file: AsyncIterable<Uint8Array>,
  identities: readonly Identity[],
): AsyncGenerator<Uint8Array> {
  const decrypter = new Decrypter();
  for (const { seed } of identities) decrypter.addIdentity(encodeIdentity(seed));
  yield* await decrypter.decrypt(ReadableStream.from(file));
}
