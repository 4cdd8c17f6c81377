/** Live registry: the registry of a running server, kept in step with the open channels of its lane. */
import { hex } from '../core/bytes.js';
import type { Lane } from '../journal/lane.js';
import type { RegisteredKey } from '../registry/following.js';
import type { KeyDetails } from '../registry/key-details.js';
import { applyList, type ListChange, type WantedList } from '../registry/lists.js';
import type { Target } from '../registry/recipient-body.js';
import type { Registry } from '../registry/registry.js';
import { fingerprintOf, keySetFingerprint } from '../seal/keys.js';
import type { ChannelTable, PendingEnvelope, RecipientKey } from './channel-table.js';
import type { Recipients, Resolved } from './intake.js';

/** Channels of a list's new keys are opened in groups, so that mail gets its turn in between. */
const channelsAtOnce = 32;

/** What an administrator does, with a server or without one. */
export interface Administration {
  register(address: string, publicKey: Uint8Array, details: KeyDetails): Promise<'added' | 'updated'>;
  revoke(address: string, fingerprint?: Uint8Array): Promise<number>;
  registered(address: string): Promise<Registered>;
  /** Makes an address an alias, or gives it more targets; tells how many are new. */
  alias(address: string, targets: readonly string[]): Promise<number>;
  /** Takes targets from an alias, or all; tells how many those were. */
  removeTargets(address: string, targets?: readonly string[]): Promise<number>;
  /** Makes what a list says so, all of it or nothing; tells what that changes. With `dryRun` it only tells. */
  applyList(list: WantedList): Promise<ListChange[]>;
}

/** What an address has: keys or targets. */
export interface Registered {
  readonly keys: readonly RegisteredKey[];
  readonly targets: readonly Target[];
}

/** The same on the bare registry, for when no server runs. */
export function administration(registry: Registry): Administration {
  return {
    register: async (address, publicKey, details) => registry.register(address, publicKey, details),
    revoke: async (address, fingerprint) => registry.revoke(address, fingerprint),
    registered: async (address) => registeredIn(registry, address),
    alias: async (address, targets) => registry.alias(address, targets),
    removeTargets: async (address, targets) => registry.removeTargets(address, targets),
    applyList: async (list) => applyList(registry, list),
  };
}

function registeredIn(registry: Registry, address: string): Registered {
  return { keys: registry.registered(address), targets: registry.targets(address) };
}

export class LiveRegistry implements Recipients, Administration {
  version = 0;
  readonly #registry: Registry;
  readonly #channels: ChannelTable;
  readonly #lane: Lane<PendingEnvelope>;
  readonly #keys = new Map<string, RecipientKey>();

  constructor(registry: Registry, channels: ChannelTable, lane: Lane<PendingEnvelope>) {
    this.#registry = registry;
    this.#channels = channels;
    this.#lane = lane;
  }

  resolve(mailbox: { readonly localPart: string; readonly domain: string }): Resolved | undefined {
    const found = this.#registry.lookup(mailbox);
    if (!found) return undefined;
    const keySets = new Map(found.keys.map((key) => [this.#shared(key), key.keySet]));
    const keys = [...keySets.keys()];
    const keySet = keySetFingerprint(keys.map(({ fingerprint }) => fingerprint));
    return { keys, address: hex(found.subject), reached: found.reached, keySet, keySets };
  }

  /** One object for each key: a thousand recipients of one mail must not hold a thousand copies of it. */
  #shared({ publicKey, fingerprint }: RecipientKey): RecipientKey {
    const id = hex(fingerprint);
    const known = this.#keys.get(id) ?? { publicKey, fingerprint };
    this.#keys.set(id, known);
    return known;
  }

  /** The channel is opened at once, among decoys, so that it does not show when the key first gets mail. */
  async register(address: string, publicKey: Uint8Array, details: KeyDetails): Promise<'added' | 'updated'> {
    const result = this.#registry.register(address, publicKey, details);
    await this.#opened([publicKey]);
    return result;
  }

  /** When a key's last address is gone, its chain is wiped. */
  async revoke(address: string, fingerprint?: Uint8Array): Promise<number> {
    const before = this.#registry.registered(address).map(({ publicKey }) => publicKey);
    const count = this.#registry.revoke(address, fingerprint);
    this.#dropped(before);
    return count;
  }

  async registered(address: string): Promise<Registered> {
    return registeredIn(this.#registry, address);
  }

  async alias(address: string, targets: readonly string[]): Promise<number> {
    const added = this.#registry.alias(address, targets);
    this.#changed();
    return added;
  }

  async removeTargets(address: string, targets?: readonly string[]): Promise<number> {
    const removed = this.#registry.removeTargets(address, targets);
    this.#changed();
    return removed;
  }

  async applyList(list: WantedList): Promise<ListChange[]> {
    const changes = applyList(this.#registry, list);
    if (list.dryRun || changes.length === 0) return changes;
    const keys = (what: ListChange['change']) =>
      changes.flatMap(({ change, publicKey }) => (change === what && publicKey ? [publicKey] : []));
    this.#dropped(keys('revoke'));
    await this.#opened(keys('register'));
    return changes;
  }

  /** What the rules say of addresses has changed: as if every address were registered anew. */
  rulesChanged(): void {
    this.#changed();
  }

  async #opened(publicKeys: readonly Uint8Array[]): Promise<void> {
    this.#changed();
    const keys = publicKeys.map((publicKey) => ({ publicKey, fingerprint: fingerprintOf(publicKey) }));
    for (const { fingerprint } of keys) this.#channels.admit(fingerprint);
    for (let at = 0; at < keys.length; at += channelsAtOnce)
      await this.#lane.commitChannels(
        keys.slice(at, at + channelsAtOnce).map((key) => ({ key, plaintext: new Uint8Array(0) })),
      );
  }

  #dropped(publicKeys: readonly Uint8Array[]): void {
    this.#changed();
    const active = new Set(this.#registry.activeKeys().map((key) => hex(fingerprintOf(key))));
    for (const fingerprint of publicKeys.map(fingerprintOf))
      if (!active.has(hex(fingerprint))) this.#channels.revoke(fingerprint);
  }

  #changed(): void {
    this.version++;
    this.#keys.clear();
  }
}
