/** Signers for tests: each lane's key comes from its id, so that a lane that is opened again finds its own. */
import type { Signers } from '../../src/journal/signers.js';
import { SigningKey } from '../../src/seal/signing-key.js';
import { bytesFrom } from './chance.js';

/** The key that every test writer has for a lane. */
export function laneKey(lane: Uint8Array): SigningKey {
  return new SigningKey(bytesFrom(`signer ${Buffer.from(lane).toString('hex')}`, 32));
}

/** `lost`: lanes of others, whose keys are not here. */
export function signersInMemory(lost: (lane: Uint8Array) => boolean = () => false): Signers {
  return {
    find: async (lane) => (lost(lane) ? undefined : laneKey(lane)),
    make: async (lane) => laneKey(lane),
  };
}
