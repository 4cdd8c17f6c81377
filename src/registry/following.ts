/** Following aliases: from what an address holds to the keys behind it (spec/registry.md, Following). */
import { hex } from '../core/bytes.js';
import { fingerprintOf } from '../seal/keys.js';
import { mailboxOf } from './address.js';
import type { AddressRules } from './address-rules.js';
import { type Entry, isKey, isTarget, type Slot } from './recipient-body.js';
import type { Slots } from './slots.js';
import { waysWithin } from './ways.js';

/** Aliases of aliases are followed so far. */
export const maxAliasDepth = 8;
/** Addresses looked at for one mail's recipient. */
export const maxFollowed = 256;

/** A recipient key as an address has it. Times are seconds since 1970. */
export interface RegisteredKey extends Entry {
  /** SHA-256 of the public key. */
  readonly fingerprint: Uint8Array;
}

export interface Followed {
  /** Each key once, nearest address first. */
  readonly keys: RegisteredKey[];
  /** Subjects of all addresses that were looked at, in hexadecimal. */
  readonly subjects: ReadonlySet<string>;
  /** Whether aliases led on beyond a bound; what is behind it was left out. */
  readonly isCut: boolean;
}

export interface Start {
  readonly subject: Uint8Array;
  readonly slots: readonly Slot[];
}

/** The keys that `isUsed` names, of an address and of all that its targets lead to. */
export function follow(
  start: Start,
  slots: Slots,
  rules: AddressRules,
  isUsed: (entry: Entry) => boolean,
): Followed {
  const keys = new Map<string, RegisteredKey>();
  const subjects = new Set([hex(start.subject)]);
  let isCut = false;
  let level = [start];
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: Start[] = [];
    for (const one of level) {
      for (const key of one.slots.filter(isKey).filter(isUsed).map(withFingerprint)) {
        const id = hex(key.fingerprint);
        if (!keys.has(id)) keys.set(id, key);
      }
      for (const { target } of one.slots.filter(isTarget)) {
        if (depth === maxAliasDepth || subjects.size >= maxFollowed) {
          isCut = true;
          break;
        }
        const found = slots.first(waysWithin(mailboxOf(target), rules));
        if (!found || subjects.has(hex(found.way.subject))) continue;
        subjects.add(hex(found.way.subject));
        next.push({ subject: found.way.subject, slots: found.slots });
      }
    }
    level = next;
  }
  return { keys: [...keys.values()], subjects, isCut };
}

export function withFingerprint(entry: Entry): RegisteredKey {
  return { ...entry, fingerprint: fingerprintOf(entry.publicKey) };
}
