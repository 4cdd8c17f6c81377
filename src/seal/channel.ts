/** Channel: one X-Wing encapsulation to a recipient key, and the chain that follows from it (spec/sealing.md, Channels). */
import { FormatError } from '../core/errors.js';
import { describePlace, encodePlace, placeSize, type SegmentPlace } from '../format/place.js';
import { sealWithKeyAt, sodiumAead, tagLength } from './aead.js';
import { derive } from './blake2b.js';
import { OpeningChain, SealingChain } from './chain.js';
import { decapsulate } from './decapsulate.js';
import { fingerprintOf, type Identity, publicKeySize } from './keys.js';
import { mustSucceed, raw, SodiumMemory } from './sodium.js';

/** A source of `length` random bytes. */
export type Random = (length: number) => Uint8Array;

const ciphertextSize = 1120;
const textSize = 128;
const version = 1;
const encapsulationSeedSize = 64;
const zeroNonce = new Uint8Array(12);
const keyContext = 'obalka channel key v1';
const chainContext = 'obalka chain v1';

const publicMemory = new SodiumMemory(publicKeySize);
const ciphertextMemory = new SodiumMemory(ciphertextSize);
const seedMemory = new SodiumMemory(encapsulationSeedSize);
const sharedMemory = new SodiumMemory(32);
const keyMemory = new SodiumMemory(32);

/**
 * Opens a channel to a recipient key: writes the body of its cell (1264 bytes: X-Wing ciphertext | AEAD) and returns the
 * chain to seal with. The shared secret never leaves wasm memory. Throws if the public key is none.
 */
export function sealChannel(
  body: Uint8Array,
  publicKey: Uint8Array,
  at: SegmentPlace,
  number: number,
  random: Random,
): SealingChain {
  publicMemory.write(publicKey);
  seedMemory.fillRandom(random);
  const encapsulated = raw._crypto_kem_xwing_enc_deterministic(
    ciphertextMemory.at,
    sharedMemory.at,
    publicMemory.at,
    seedMemory.at,
  );
  seedMemory.wipe();
  mustSucceed(encapsulated, 'X-Wing encapsulation');
  ciphertextMemory.copyTo(body, 0, ciphertextSize);

  const place = encodePlace(at, 'channels', number);
  const chain = startChain(place);
  const text = new Uint8Array(textSize);
  text[0] = version;
  text.set(fingerprintOf(publicKey), 1);
  sealWithKeyAt(body.subarray(ciphertextSize), keyMemory.at, zeroNonce, place, text);
  keyMemory.wipe();
  return new SealingChain(chain);
}

/**
 * Covers with a throw-away secret what the last encapsulation left on the wasm stack. Called once after each run of
 * encapsulations.
 */
export function coverEncapsulations(random: Random): void {
  seedMemory.fillRandom(random);
  raw._crypto_kem_xwing_enc_deterministic(
    ciphertextMemory.at,
    sharedMemory.at,
    publicMemory.at,
    seedMemory.at,
  );
  startChain(new Uint8Array(placeSize)).release();
  keyMemory.wipe();
  seedMemory.wipe();
}

/**
 * Tries an identity on a channel cell's body. Undefined: it is somebody else's, or a decoy (decapsulation itself never
 * fails, so the AEAD decides).
 */
export function openChannel(
  body: Uint8Array,
  identity: Identity,
  at: SegmentPlace,
  number: number,
): OpeningChain | undefined {
  if (!decapsulate(sharedMemory, body.subarray(0, ciphertextSize), identity)) return undefined;
  const place = encodePlace(at, 'channels', number);
  const chain = startChain(place);
  const text = sodiumAead.open(
    keyMemory.read(),
    zeroNonce,
    place,
    body.subarray(ciphertextSize, ciphertextSize + textSize + tagLength),
  );
  keyMemory.wipe();
  if (text?.[0] === version) return new OpeningChain(chain);
  chain.release();
  if (!text) return undefined;
  throw new FormatError(
    describePlace(at, 'channels', number),
    `channel version ${text[0]}; this program reads version ${version}: use a newer obalka`,
  );
}

/** From the shared secret: the channel's key into keyMemory, and the first chain key. The secret is wiped. */
function startChain(place: Uint8Array): SodiumMemory {
  const chain = new SodiumMemory(32);
  derive(keyMemory, 32, sharedMemory.at, 32, keyContext, place);
  derive(chain, 32, sharedMemory.at, 32, chainContext, place);
  sharedMemory.wipe();
  return chain;
}
