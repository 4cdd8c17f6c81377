/** Live registry: the registry of a running server, kept in step with the open channels of its lane. */
import { hex } from '../core/bytes.js';
import type { Lane } from '../journal/lane.js';
import type { KeyDetails } from '../registry/key-details.js';
import type { RegisteredKey, Registry } from '../registry/registry.js';
import { fingerprintOf, keySetFingerprint } from '../seal/keys.js';
import type { ChannelTable, PendingEnvelope } from './channel-table.js';
import type { Recipients, Resolved } from './intake.js';

/** What an administrator does, with a server or without one. */
export interface Administration {
  register(address: string, publicKey: Uint8Array, details: KeyDetails): Promise<'added' | 'updated'>;
  revoke(address: string, fingerprint?: Uint8Array): Promise<number>;
  registered(address: string): Promise<RegisteredKey[]>;
}

/** The same on the bare registry, for when no server runs. */
export function administration(registry: Registry): Administration {
  return {
    register: async (address, publicKey, details) => registry.register(address, publicKey, details),
    revoke: async (address, fingerprint) => registry.revoke(address, fingerprint),
    registered: async (address) => registry.registered(address),
  };
}

const maxRemembered = 1000;

export class LiveRegistry implements Recipients, Administration {
  version = 0;
  readonly #registry: Registry;
  readonly #channels: ChannelTable;
  readonly #lane: Lane<PendingEnvelope>;
  readonly #now: () => number;
  /** What was resolved within this second: keys have dates, to the second. */
  readonly #remembered = new Map<string, Resolved>();
  #second = 0;

  /** `now`: milliseconds since 1970. */
  constructor(registry: Registry, channels: ChannelTable, lane: Lane<PendingEnvelope>, now: () => number) {
    this.#registry = registry;
    this.#channels = channels;
    this.#lane = lane;
    this.#now = now;
  }

  resolve(mailbox: { readonly localPart: string; readonly domain: string }): Resolved | undefined {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#second || this.#remembered.size >= maxRemembered) this.#forget(second);
    const address = JSON.stringify([mailbox.localPart, mailbox.domain]);
    const remembered = this.#remembered.get(address);
    if (remembered) return remembered;
    const found = this.#registry.lookup(mailbox);
    if (!found) return undefined;
    const { keys, reached } = found;
    const keySet = keySetFingerprint(keys.map(({ fingerprint }) => fingerprint));
    const resolved = { keys, reached, keySet };
    this.#remembered.set(address, resolved);
    return resolved;
  }

  /** The channel is opened at once, among decoys, so that it does not show when the key first gets mail. */
  async register(address: string, publicKey: Uint8Array, details: KeyDetails): Promise<'added' | 'updated'> {
    const result = this.#registry.register(address, publicKey, details);
    this.#changed();
    const key = { publicKey, fingerprint: fingerprintOf(publicKey) };
    this.#channels.admit(key.fingerprint);
    await this.#lane.commitChannels([{ key, plaintext: new Uint8Array(0) }]);
    return result;
  }

  /** When a key's last address is gone, its chain is wiped. */
  async revoke(address: string, fingerprint?: Uint8Array): Promise<number> {
    const before = this.#registry.registered(address);
    const count = this.#registry.revoke(address, fingerprint);
    this.#changed();
    const active = new Set(this.#registry.activeKeys().map((key) => hex(fingerprintOf(key))));
    for (const key of before) if (!active.has(hex(key.fingerprint))) this.#channels.revoke(key.fingerprint);
    return count;
  }

  async registered(address: string): Promise<RegisteredKey[]> {
    return this.#registry.registered(address);
  }

  #changed(): void {
    this.version++;
    this.#forget(this.#second);
  }

  #forget(second: number): void {
    this.#remembered.clear();
    this.#second = second;
  }
}
