/** Live registry: the registry of a running server, kept in step with the open channels of its lane. */
import { hex } from '../core/bytes.js';
import type { Lane } from '../journal/lane.js';
import { lookupOrder, lookupSubjects } from '../registry/address.js';
import type { KeyDetails } from '../registry/key-details.js';
import type { RegisteredKey, Registry } from '../registry/registry.js';
import { fingerprintOf, keySetFingerprint } from '../seal/keys.js';
import { keysAfterRegistering, keysAfterRevoking } from './change-of-keys.js';
import type { ChannelTable, PendingEnvelope, RecipientKey } from './channel-table.js';
import type { Recipients, Resolved } from './intake.js';
import type { NoticeWriter } from './notice-writer.js';

/** What an administrator does, with a server or without one. `told`: keys whose owners a notice told of it. */
export interface Administration {
  register(
    address: string,
    publicKey: Uint8Array,
    details: KeyDetails,
  ): Promise<{ result: 'added' | 'updated'; told: number }>;
  revoke(address: string, fingerprint?: Uint8Array): Promise<{ count: number; told: number }>;
  registered(address: string): Promise<RegisteredKey[]>;
}

/** The same on the bare registry. Owners are told before a change is made: no key is changed behind their backs. */
export function administration(registry: Registry, { tell }: NoticeWriter): Administration {
  return {
    async register(address, publicKey, details) {
      const before = registry.registered(address);
      const told = await tell([{ address, before, after: keysAfterRegistering(before, publicKey, details) }]);
      return { result: registry.register(address, publicKey, details), told };
    },
    async revoke(address, fingerprint) {
      const before = registry.registered(address);
      const after = keysAfterRevoking(before, fingerprint);
      if (after.length === before.length) return { count: 0, told: 0 };
      const told = await tell([{ address, before, after }]);
      return { count: registry.revoke(address, fingerprint), told };
    },
    registered: async (address) => registry.registered(address),
  };
}

export class LiveRegistry implements Recipients, Administration {
  version = 0;
  readonly #registry: Registry;
  readonly #channels: ChannelTable;
  readonly #lane: Lane<PendingEnvelope>;
  readonly #keys = new Map<string, RecipientKey>();
  readonly #administration: Administration;
  /** Changes are made one after the other: each is told as it is, and made as it was told. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    registry: Registry,
    channels: ChannelTable,
    lane: Lane<PendingEnvelope>,
    notices: NoticeWriter,
  ) {
    this.#registry = registry;
    this.#administration = administration(registry, notices);
    this.#channels = channels;
    this.#lane = lane;
  }

  resolve(mailbox: { readonly localPart: string; readonly domain: string }): Resolved | undefined {
    const found = this.#registry.lookup(mailbox);
    if (!found) return undefined;
    const keys = found.keys.map(({ publicKey, fingerprint }) => this.#shared({ publicKey, fingerprint }));
    const keySet = keySetFingerprint(keys.map(({ fingerprint }) => fingerprint));
    const subjects = lookupSubjects(mailbox.localPart, mailbox.domain);
    const registered = hex(subjects[lookupOrder.indexOf(found.reached)] ?? subjects[0]);
    return { keys, address: hex(subjects[0]), registered, reached: found.reached, keySet };
  }

  /** One object for each key: a thousand recipients of one mail must not hold a thousand copies of it. */
  #shared(key: RecipientKey): RecipientKey {
    const id = hex(key.fingerprint);
    const known = this.#keys.get(id) ?? key;
    this.#keys.set(id, known);
    return known;
  }

  /** The channel is opened at once, among decoys, so that it does not show when the key first gets mail. */
  register(...given: Parameters<Administration['register']>): ReturnType<Administration['register']> {
    return this.#inTurn(async () => {
      const done = await this.#administration.register(...given);
      const [, publicKey] = given;
      this.#changed();
      const key = { publicKey, fingerprint: fingerprintOf(publicKey) };
      this.#channels.admit(key.fingerprint);
      await this.#lane.commitChannels([{ key, plaintext: new Uint8Array(0) }]);
      return done;
    });
  }

  /** When a key's last address is gone, its chain is wiped. */
  revoke(...given: Parameters<Administration['revoke']>): ReturnType<Administration['revoke']> {
    return this.#inTurn(async () => {
      const before = this.#registry.registered(given[0]);
      const done = await this.#administration.revoke(...given);
      this.#changed();
      const active = new Set(this.#registry.activeKeys().map((key) => hex(fingerprintOf(key))));
      for (const key of before) if (!active.has(hex(key.fingerprint))) this.#channels.revoke(key.fingerprint);
      return done;
    });
  }

  async registered(address: string): Promise<RegisteredKey[]> {
    return this.#registry.registered(address);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #changed(): void {
    this.version++;
    this.#keys.clear();
  }
}
