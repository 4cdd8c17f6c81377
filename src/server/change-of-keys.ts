/** Change of keys: what an address's keys were before and after, and who is to be told (spec/registry.md, Telling the owners). */
import { equal, hex } from '../core/bytes.js';
import { Problem } from '../core/errors.js';
import { detailed, type KeyDetails } from '../registry/key-details.js';
import { isValidAt } from '../registry/recipient-body.js';
import { maxKeysPerAddress, type RegisteredKey } from '../registry/registry.js';
import { fingerprintOf, keySetFingerprint } from '../seal/keys.js';

/** The keys of one address, or those behind an alias, on both sides of a change. */
export interface ChangeOfKeys {
  /** As it was registered. */
  readonly address: string;
  readonly before: readonly RegisteredKey[];
  readonly after: readonly RegisteredKey[];
}

/** What changed, as a notice says it. */
export interface Differences {
  readonly added: readonly RegisteredKey[];
  readonly removed: readonly RegisteredKey[];
  /** Keys that stay, and are used from or until another time; as they are afterwards. */
  readonly redated: readonly RegisteredKey[];
}

/** The keys after `register`, as far as a notice tells of them. Throws a usage Problem for details that cannot be. */
export function keysAfterRegistering(
  before: readonly RegisteredKey[],
  publicKey: Uint8Array,
  details: KeyDetails,
): RegisteredKey[] {
  const old = before.find((key) => equal(key.publicKey, publicKey));
  const entry = detailed(old ?? { publicKey, label: '', registeredAt: 0 }, details);
  if (!old && before.length >= maxKeysPerAddress)
    throw new Problem('usage', `an address has at most ${maxKeysPerAddress} keys: revoke one first`);
  const key = { ...entry, fingerprint: fingerprintOf(publicKey) };
  return old ? before.map((one) => (one === old ? key : one)) : [...before, key];
}

/** The keys after `revoke`. */
export function keysAfterRevoking(
  before: readonly RegisteredKey[],
  fingerprint: Uint8Array | undefined,
): RegisteredKey[] {
  return fingerprint ? before.filter((key) => !equal(key.fingerprint, fingerprint)) : [];
}

/** What differs, or undefined if nothing does that says who can open mail, and when. */
export function differences({ before, after }: ChangeOfKeys): Differences | undefined {
  const among = (keys: readonly RegisteredKey[]) =>
    new Map(keys.map((key) => [hex(key.fingerprint), key] as const));
  const [were, are] = [among(before), among(after)];
  const found = {
    added: after.filter(({ fingerprint }) => !were.has(hex(fingerprint))),
    removed: before.filter(({ fingerprint }) => !are.has(hex(fingerprint))),
    redated: after.filter(({ fingerprint, from, until }) => {
      const old = were.get(hex(fingerprint));
      return old !== undefined && (old.from !== from || old.until !== until);
    }),
  };
  const isNone = found.added.length + found.removed.length + found.redated.length === 0;
  return isNone ? undefined : found;
}

/** Keys whose owners hear of a change: those that mail is sealed to now, or was to be later. */
export function toBeTold(before: readonly RegisteredKey[], now: number): RegisteredKey[] {
  return before.filter(({ until }) => until === undefined || until > now / 1000);
}

/** The fingerprint of the keys among these that are in use at a time. */
export function keySetAt(keys: readonly RegisteredKey[], now: number): Uint8Array {
  const inUse = keys.filter((key) => isValidAt(key, Math.floor(now / 1000)));
  return keySetFingerprint(inUse.map(({ fingerprint }) => fingerprint));
}
