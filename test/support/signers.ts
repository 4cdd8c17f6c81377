/** Signers for tests: each lane's key comes from its id, so that a lane that is opened again finds its own. */
import type { Signers } from '../../src/journal/signers.js';
import { SigningKey } from '../../src/seal/signing-key.js';
import { bytesFrom } from './chance.js';

/** Those that were asked for: making one takes milliseconds. */
const known = new Map<string, SigningKey>();

/** The key that every test writer has for a lane. */
export function laneKey(lane: Uint8Array): SigningKey {
  const name = `signer ${Buffer.from(lane).toString('hex')}`;
  const key = known.get(name) ?? new SigningKey(bytesFrom(name, 32));
  known.set(name, key);
  return key;
}

/** `lost`: lanes of others, whose keys are not here. */
export function signersInMemory(lost: (lane: Uint8Array) => boolean = () => false): Signers {
  return {
    find: async (lane) => (lost(lane) ? undefined : laneKey(lane)),
    make: async (lane) => laneKey(lane),
  };
}
