/** Signers: the keys under which a writer signs the checkpoints of its lanes, wherever they are kept. */

/** The signing key of one lane (spec/checkpoints.md, Signing key). */
export interface LaneSigner {
  /** Stands in the lane's head: 32 octets. */
  readonly publicKey: Uint8Array;
  /** The signature of a text: 64 octets. */
  sign(text: Uint8Array): Uint8Array;
}

export interface Signers {
  /** The key of a lane; undefined if it is not here, and the lane is another writer's. */
  find(lane: Uint8Array): Promise<LaneSigner | undefined>;
  /** Makes the key of a new lane. Durable when it resolves: a lane without its key is never gone on with. */
  make(lane: Uint8Array): Promise<LaneSigner>;
}
