/** Live registry: the registry of a running server, kept in step with the open channels of its lane. */
import { hex } from '../core/bytes.js';
import type { Lane } from '../journal/lane.js';
import { lookupSubjects } from '../registry/address.js';
import type { KeyDetails } from '../registry/key-details.js';
import type { RegisteredKey, Registry } from '../registry/registry.js';
import { fingerprintOf, keySetFingerprint } from '../seal/keys.js';
import type { ChannelTable, PendingEnvelope, RecipientKey } from './channel-table.js';
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
    const keys = found.keys.map(({ publicKey, fingerprint }) => this.#shared({ publicKey, fingerprint }));
    const keySet = keySetFingerprint(keys.map(({ fingerprint }) => fingerprint));
    const [subject] = lookupSubjects(mailbox.localPart, mailbox.domain);
    return { keys, address: hex(subject), reached: found.reached, keySet };
  }

  /** One object for each key: a thousand recipients of one mail must not hold a thousand copies of it. */
  #shared(key: RecipientKey): RecipientKey {
    const id = hex(key.fingerprint);
    const known = this.#keys.get(id) ?? key;
    this.#keys.set(id, known);
    return known;
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
    this.#keys.clear();
  }
}
