/** Recipient keys and identities: X-Wing (draft-connolly-cfrg-xwing-kem), written as age writes them (C2SP age.md). */
import { bech32 } from '@scure/base';
import { concat } from '../core/bytes.js';
import { Problem } from '../core/errors.js';
import { sha256 } from '../core/sha256.js';
import { mustSucceed, raw, SodiumMemory } from './sodium.js';

export const publicKeySize = 1216;
export const seedSize = 32;

const publicPrefix = 'age1pq';
const secretPrefix = 'AGE-SECRET-KEY-PQ-';

/** The secret side of a recipient key: the 32-byte X-Wing seed, and what follows from it. */
export interface Identity {
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly fingerprint: Uint8Array;
}

/** The identity of a seed of 32 random bytes. */
export function identityOf(seed: Uint8Array): Identity {
  const publicKey = publicKeyOf(SodiumMemory.of(seed));
  return { seed, publicKey, fingerprint: fingerprintOf(publicKey) };
}

/** SHA-256 of the public key: 32 bytes. */
export function fingerprintOf(publicKey: Uint8Array): Uint8Array {
  return sha256(publicKey);
}

/** The fingerprint as people see it: the first 10 bytes in base32, four letters at a time. */
export function showFingerprint(fingerprint: Uint8Array): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  let bits = 0n;
  for (const byte of fingerprint.subarray(0, 10)) bits = (bits << 8n) | BigInt(byte);
  const letters = Array.from(
    { length: 16 },
    (_, index) => alphabet[Number((bits >> BigInt(75 - 5 * index)) & 31n)],
  );
  return letters.join('').replace(/(....)(?=.)/g, '$1-');
}

/** A public key whose secret side nobody ever had in hand: for decoys. */
export function throwAwayKey(random: (length: number) => Uint8Array): Uint8Array {
  const seed = new SodiumMemory(seedSize);
  seed.fillRandom(random);
  return publicKeyOf(seed);
}

/** The public key of a seed in wasm memory, which is used up. */
function publicKeyOf(seed: SodiumMemory): Uint8Array {
  const secretMemory = new SodiumMemory(seedSize);
  const publicMemory = new SodiumMemory(publicKeySize);
  mustSucceed(
    raw._crypto_kem_xwing_seed_keypair(publicMemory.at, secretMemory.at, seed.at),
    'X-Wing key generation',
  );
  const publicKey = publicMemory.read();
  for (const memory of [seed, secretMemory, publicMemory]) memory.release();
  return publicKey;
}

/** Whether mail can be sealed to these 1216 octets: whether X-Wing encapsulates to them. */
export function isPublicKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== publicKeySize) return false;
  const seed = new SodiumMemory(64);
  const publicMemory = SodiumMemory.of(publicKey);
  const out = new SodiumMemory(1120 + 32);
  const result = raw._crypto_kem_xwing_enc_deterministic(out.at, out.at + 1120, publicMemory.at, seed.at);
  for (const memory of [seed, publicMemory, out]) memory.release();
  return result === 0;
}

/** Fingerprint of a whole key set: SHA-256 over the sorted fingerprints. */
export function keySetFingerprint(fingerprints: readonly Uint8Array[]): Uint8Array {
  return sha256(concat(...[...fingerprints].sort(Buffer.compare)));
}

export function encodePublicKey(publicKey: Uint8Array): string {
  return bech32.encode(publicPrefix, bech32.toWords(publicKey), false);
}

export function encodeIdentity(seed: Uint8Array): string {
  return bech32.encode(secretPrefix.toLowerCase(), bech32.toWords(seed), false).toUpperCase();
}

/** Finds the public key in a key file: one line, comments with # aside. `source` names the file in errors. */
export function parsePublicKey(text: string, source: string): Uint8Array {
  const line = onlyLine(text, source, 'public key', 'usage');
  if (line.toUpperCase().startsWith('AGE-SECRET-KEY-'))
    throw new Problem(
      'usage',
      `${source}: this is a secret key; give the public key (FILE.pub), and never the secret one to a server`,
    );
  if (line.startsWith('age1') && !line.startsWith('age1pq1'))
    throw new Problem(
      'usage',
      `${source}: an age1… X25519 key is not post-quantum, and obalka seals to nothing weaker; make a key with "obalka key new" or "age-keygen -pq"`,
    );
  const bytes = decode(line, publicPrefix, source, 'usage');
  if (bytes.length !== publicKeySize)
    throw new Problem('usage', `${source}: damaged public key: ${bytes.length} octets, not ${publicKeySize}`);
  // A key that X-Wing refuses would keep every later segment from beginning.
  if (!isPublicKey(bytes))
    throw new Problem('usage', `${source}: damaged public key: no mail can be sealed to it`);
  return bytes;
}

/** Finds the identities in an identity file: one or more lines, comments with # aside. */
export function parseIdentities(text: string, source: string): Identity[] {
  const lines = keyLines(text);
  if (!/^age/i.test(lines[0] ?? ''))
    throw new Problem('identity', `${source}: no identity in this file; one begins with ${secretPrefix}1`);
  return lines.map((line) => {
    if (/^AGE-SECRET-KEY-1/i.test(line))
      throw new Problem(
        'identity',
        `${source}: an X25519 identity (AGE-SECRET-KEY-1…) opens no post-quantum mail; use one made by "obalka key new" or "age-keygen -pq"`,
      );
    if (line.startsWith('age1'))
      throw new Problem(
        'identity',
        `${source}: this is a public key; the identity file is the one without .pub`,
      );
    const seed = decode(line.toLowerCase(), secretPrefix.toLowerCase(), source, 'identity');
    if (seed.length !== seedSize)
      throw new Problem('identity', `${source}: damaged identity: ${seed.length} octets, not ${seedSize}`);
    return identityOf(seed);
  });
}

function keyLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function onlyLine(text: string, source: string, what: string, kind: 'usage' | 'identity'): string {
  const [line, ...more] = keyLines(text);
  if (line === undefined || !/^age/i.test(line))
    throw new Problem(kind, `${source}: no ${what} in this file; one begins with ${publicPrefix}1`);
  if (more.length > 0)
    throw new Problem(kind, `${source}: more than one ${what} in this file; give one a file`);
  return line;
}

function decode(line: string, prefix: string, source: string, kind: 'usage' | 'identity'): Uint8Array {
  const what = kind === 'usage' ? 'public key' : 'identity';
  let decoded: { prefix: string; words: number[] };
  try {
    decoded = bech32.decode(line as `${string}1${string}`, false);
    if (decoded.prefix !== prefix) throw new Error('prefix');
    return bech32.fromWords(decoded.words);
  } catch {
    throw new Problem(
      kind,
      `${source}: damaged ${what}: a letter is wrong or missing; it should begin with ${prefix}1`,
    );
  }
}
