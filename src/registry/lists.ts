/** Lists: what an administrator keeps of addresses, held against the registry and made so (spec/registry.md, Lists). */
import { hex } from '../core/bytes.js';
import { Problem } from '../core/errors.js';
import { fingerprintOf } from '../seal/keys.js';
import { showTarget, targetText } from './aliases.js';
import { detailed, type KeyDetails } from './key-details.js';
import type { Entry } from './recipient-body.js';
import type { Registry } from './registry.js';

/** One line of a list: an address with a key or a target, or with neither, which names the address only. */
export interface ListLine {
  readonly address: string;
  readonly publicKey?: Uint8Array;
  readonly details?: KeyDetails;
  readonly target?: string;
}

export interface WantedList {
  readonly lines: readonly ListLine[];
  /** Takes away what the addresses of `lines` and of this array have beyond the lines; absent: takes nothing away. */
  readonly prune?: readonly string[];
}

/** One difference between a list and the registry. */
export interface ListChange {
  readonly change: 'register' | 'update' | 'revoke' | 'alias' | 'remove';
  readonly address: string;
  /** The key that is registered, updated or revoked. */
  readonly publicKey?: Uint8Array;
  readonly details?: KeyDetails;
  /** The target that is given or removed, as people write it. */
  readonly target?: string;
}

/**
 * Makes differences, in their order, in the transaction that is running. Throws a Problem if one is refused: then none is
 * to stay.
 */
export function makeDifferences(registry: Registry, changes: readonly ListChange[]): void {
  for (const one of changes) make(registry, one);
  for (const { change, address, target } of changes)
    if (change === 'alias' && target !== undefined) registry.checkTargets(address, [target]);
}

/** What one address has, and what it should have. */
interface Address {
  readonly address: string;
  readonly keys: readonly Entry[];
  readonly targets: readonly string[];
  /** By their octets in hexadecimal. */
  readonly wantedKeys: Map<string, ListLine>;
  readonly wantedTargets: Set<string>;
}

/**
 * What a list says otherwise than the registry. What is to be taken away comes first: an address that had a key may be an
 * alias then. One address has one spelling in all of it. Throws a usage Problem for a list that says something twice.
 */
export function differences(registry: Registry, { lines, prune }: WantedList): ListChange[] {
  const taken: ListChange[] = [];
  const given: ListChange[] = [];
  const aliases: ListChange[] = [];
  for (const one of addressesOf(registry, lines, prune)) {
    const { address, keys, targets, wantedKeys, wantedTargets } = one;
    const known = new Map(keys.map((key) => [hex(key.publicKey), key]));
    if (prune) {
      for (const [id, { publicKey }] of known)
        if (!wantedKeys.has(id)) taken.push({ change: 'revoke', address, publicKey });
      for (const target of targets)
        if (!wantedTargets.has(target)) taken.push({ change: 'remove', address, target: showTarget(target) });
    }
    for (const [id, { publicKey, details }] of wantedKeys) {
      const key = known.get(id);
      if (!publicKey || (key && !differs(key, details))) continue;
      given.push({ change: key ? 'update' : 'register', address, publicKey, ...(details && { details }) });
    }
    for (const target of wantedTargets)
      if (!targets.includes(target)) aliases.push({ change: 'alias', address, target: showTarget(target) });
  }
  return [...taken, ...given, ...aliases];
}

/** Two spellings of an address are one. */
function addressesOf(
  registry: Registry,
  lines: readonly ListLine[],
  prune: readonly string[] = [],
): Iterable<Address> {
  const bySpelling = new Map<string, Address>();
  const bySubject = new Map<string, Address>();
  const of = (address: string): Address => {
    const known = bySpelling.get(address);
    if (known) return known;
    const { subject, keys, targets } = registry.held(address);
    const id = hex(subject);
    const one = bySubject.get(id) ?? {
      address,
      keys,
      targets: targets.map(({ target }) => target),
      wantedKeys: new Map(),
      wantedTargets: new Set(),
    };
    bySubject.set(id, one);
    bySpelling.set(address, one);
    return one;
  };
  for (const line of lines) {
    const { wantedKeys, wantedTargets } = of(line.address);
    const twice = (what: string) =>
      new Problem('usage', `${line.address}: has ${what} twice in the list; give it once`);
    if (line.publicKey) {
      const id = hex(line.publicKey);
      if (wantedKeys.has(id)) throw twice('one key');
      wantedKeys.set(id, line);
    }
    if (line.target !== undefined) {
      const target = targetText(line.target);
      if (wantedTargets.has(target)) throw twice('one target');
      wantedTargets.add(target);
    }
  }
  for (const address of prune) of(address);
  return bySubject.values();
}

function differs(known: Entry, details: KeyDetails = {}): boolean {
  const { label, from, until } = detailed(known, details);
  return label !== known.label || from !== known.from || until !== known.until;
}

function make(registry: Registry, { change, address, publicKey, details, target }: ListChange): void {
  if (target !== undefined) {
    if (change === 'alias') registry.addTargets(address, [target]);
    else registry.removeTargets(address, [target]);
  } else if (publicKey) {
    if (change === 'revoke') registry.revoke(address, fingerprintOf(publicKey));
    else registry.register(address, publicKey, details);
  }
}
