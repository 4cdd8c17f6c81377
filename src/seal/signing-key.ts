/** Signing key: Ed25519 (RFC 8032), with which a lane's writer signs its checkpoints. The door to tweetnacl. */
import nacl from 'tweetnacl';
import { signingSeedSize } from './signing.js';

/** The key pair of a lane. */
export class SigningKey {
  /** What stands in the lane's head as `signer`: 32 octets. */
  readonly publicKey: Uint8Array;
  readonly #secretKey: Uint8Array;

  /** Throws RangeError if the seed is not 32 octets. */
  constructor(seed: Uint8Array) {
    if (seed.length !== signingSeedSize) throw new RangeError('a signing seed has 32 octets');
    const { publicKey, secretKey } = nacl.sign.keyPair.fromSeed(new Uint8Array(seed));
    this.publicKey = publicKey;
    this.#secretKey = secretKey;
  }

  /** The signature of a text: 64 octets, always the same for the same text. */
  sign(text: Uint8Array): Uint8Array {
    return nacl.sign.detached(new Uint8Array(text), this.#secretKey);
  }
}
