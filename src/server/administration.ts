/** Administration: what an administrator changes, and that owners are told of it first (spec/registry.md, Telling the owners). */
import { isAlias } from '../registry/aliases.js';
import type { RegisteredKey } from '../registry/following.js';
import type { KeyDetails } from '../registry/key-details.js';
import { differences, type ListChange, makeDifferences, type WantedList } from '../registry/lists.js';
import type { Target } from '../registry/recipient-body.js';
import type { Registry } from '../registry/registry.js';
import { keysAfterRegistering, keysAfterRevoking } from './change-of-keys.js';
import type { NoticeWriter } from './notice-writer.js';

/** What an administrator does, with a server or without one. `told`: keys whose owners a notice told of it. */
export interface Administration {
  register(
    address: string,
    publicKey: Uint8Array,
    details: KeyDetails,
  ): Promise<{ result: 'added' | 'updated'; told: number }>;
  /** Takes a key, or all keys or targets; tells how many. */
  revoke(address: string, fingerprint?: Uint8Array): Promise<{ count: number; told: number }>;
  /** Gives an address a key in place of others, in one step: no mail is sealed to neither, or to both. */
  exchange(
    address: string,
    publicKey: Uint8Array,
    details: KeyDetails,
    olds: readonly Uint8Array[],
  ): Promise<{ told: number }>;
  registered(address: string): Promise<Registered>;
  /** Makes an address an alias, or gives it more targets; tells how many are new. */
  alias(address: string, targets: readonly string[]): Promise<{ count: number; told: number }>;
  /** Takes targets from an alias, or all; tells how many those were. */
  removeTargets(address: string, targets?: readonly string[]): Promise<{ count: number; told: number }>;
  /** Makes what a list says so, all of it or nothing; tells what that changes. A dry run changes nothing. */
  applyList(list: WantedList, isDry: boolean): Promise<{ changes: ListChange[]; told: number }>;
}

/** What an address has: keys or targets. */
export interface Registered {
  readonly keys: readonly RegisteredKey[];
  readonly targets: readonly Target[];
}

/** The same on the bare registry. Owners are told before a change is made: no key is changed behind their backs. */
export function administration(registry: Registry, { tell }: NoticeWriter): Administration {
  /** Makes a change of one address that a preview of it does not refuse, if it changes anything. */
  const change = async (address: string, make: () => number): Promise<{ count: number; told: number }> => {
    const before = registry.keysBehind(address);
    const { count, after } = registry.preview(() => ({ count: make(), after: registry.keysBehind(address) }));
    if (count === 0) return { count: 0, told: 0 };
    const told = await tell([{ address, before, after }]);
    return { count: make(), told };
  };
  return {
    async register(address, publicKey, details) {
      if (registry.targets(address).length > 0) throw isAlias(address);
      const before = registry.registered(address);
      const told = await tell([{ address, before, after: keysAfterRegistering(before, publicKey, details) }]);
      return { result: registry.register(address, publicKey, details), told };
    },
    async revoke(address, fingerprint) {
      if (registry.targets(address).length > 0 && !fingerprint)
        return change(address, () => registry.revoke(address));
      const before = registry.registered(address);
      const after = keysAfterRevoking(before, fingerprint);
      if (after.length === before.length) return { count: 0, told: 0 };
      const told = await tell([{ address, before, after }]);
      return { count: registry.revoke(address, fingerprint), told };
    },
    async exchange(address, publicKey, details, olds) {
      const make = () =>
        registry.together(() => {
          for (const fingerprint of olds) registry.revoke(address, fingerprint);
          registry.register(address, publicKey, details);
        });
      const before = registry.registered(address);
      const after = registry.preview(() => {
        make();
        return registry.registered(address);
      });
      const told = await tell([{ address, before, after }]);
      make();
      return { told };
    },
    registered: async (address) => ({
      keys: registry.registered(address),
      targets: registry.targets(address),
    }),
    alias: (address, targets) => change(address, () => registry.alias(address, targets)),
    removeTargets: (address, targets) => change(address, () => registry.removeTargets(address, targets)),
    async applyList(list, isDry) {
      const changes = differences(registry, list);
      if (changes.length === 0) return { changes, told: 0 };
      const addresses = [...new Set(changes.map(({ address }) => address))];
      const before = addresses.map((address) => registry.keysBehind(address));
      const after = registry.preview(() => {
        makeDifferences(registry, changes);
        return addresses.map((address) => registry.keysBehind(address));
      });
      if (isDry) return { changes, told: 0 };
      const told = await tell(
        addresses.map((address, at) => ({ address, before: before[at] ?? [], after: after[at] ?? [] })),
      );
      registry.together(() => makeDifferences(registry, changes));
      return { changes, told };
    },
  };
}
