/** Lists: what an administrator keeps of addresses, held against the registry and made so (spec/registry.md, Lists). */
import { equal, hex } from '../core/bytes.js';
import { Problem } from '../core/errors.js';
import { fingerprintOf } from '../seal/keys.js';
import { showTarget, targetText } from './aliases.js';
import { detailed, type KeyDetails } from './key-details.js';
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
  /** Changes nothing, and refuses what would be refused. */
  readonly dryRun?: boolean;
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
 * Makes the registry say what the list says, in one transaction. Throws a Problem, and changes nothing, if a line is
 * refused. Where nothing differs nothing is written.
 */
export function applyList(registry: Registry, list: WantedList): ListChange[] {
  const changes = differences(registry, list);
  if (changes.length === 0) return changes;
  try {
    registry.together(() => {
      for (const one of changes) make(registry, one);
      for (const { change, address, target } of changes)
        if (change === 'alias' && target !== undefined) registry.checkTargets(address, [target]);
      if (list.dryRun) throw new Undone();
    });
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
  }
  return changes;
}

/** Ends the transaction of a dry run. */
class Undone extends Error {}

/** What one address should have. */
interface Wanted {
  readonly address: string;
  readonly keys: Map<string, ListLine>;
  readonly targets: Set<string>;
}

/** What is taken away comes first: an address that had a key may be an alias then. */
function differences(registry: Registry, { lines, prune }: WantedList): ListChange[] {
  const taken: ListChange[] = [];
  const given: ListChange[] = [];
  const aliases: ListChange[] = [];
  for (const { address, keys, targets } of wanted(registry, lines, prune).values()) {
    const hasKeys = registry.registered(address);
    const hasTargets = registry.targets(address).map(({ target }) => target);
    if (prune) {
      for (const { fingerprint, publicKey } of hasKeys)
        if (!keys.has(hex(fingerprint))) taken.push({ change: 'revoke', address, publicKey });
      for (const target of hasTargets)
        if (!targets.has(target)) taken.push({ change: 'remove', address, target: showTarget(target) });
    }
    for (const { publicKey, details } of keys.values()) {
      const known = hasKeys.find((key) => publicKey && equal(key.publicKey, publicKey));
      if (!publicKey || (known && !differs(known, details))) continue;
      given.push({ change: known ? 'update' : 'register', address, publicKey, ...(details && { details }) });
    }
    for (const target of targets)
      if (!hasTargets.includes(target))
        aliases.push({ change: 'alias', address, target: showTarget(target) });
  }
  return [...taken, ...given, ...aliases];
}

/** By subject: two spellings of an address are one. */
function wanted(
  registry: Registry,
  lines: readonly ListLine[],
  prune: readonly string[] = [],
): Map<string, Wanted> {
  const all = new Map<string, Wanted>();
  const of = (address: string) => {
    const id = hex(registry.subject(address));
    const one = all.get(id) ?? { address, keys: new Map(), targets: new Set() };
    all.set(id, one);
    return one;
  };
  for (const line of lines) {
    const one = of(line.address);
    const twice = (what: string) =>
      new Problem('usage', `${line.address}: has ${what} twice in the list; give it once`);
    if (line.publicKey) {
      const id = hex(fingerprintOf(line.publicKey));
      if (one.keys.has(id)) throw twice('one key');
      one.keys.set(id, line);
    }
    if (line.target !== undefined) {
      const target = targetText(line.target);
      if (one.targets.has(target)) throw twice('one target');
      one.targets.add(target);
    }
  }
  for (const address of prune) of(address);
  return all;
}

function differs(known: Parameters<typeof detailed>[0], details: KeyDetails = {}): boolean {
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
