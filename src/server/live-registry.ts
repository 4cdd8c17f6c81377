/** Live registry: the registry of a running server, kept in step with the open channels of its lane. */
import { equal, hex } from '../core/bytes.js';
import type { Lane } from '../journal/lane.js';
import type { ListChange } from '../registry/lists.js';
import type { Registry } from '../registry/registry.js';
import { fingerprintOf, keySetFingerprint } from '../seal/keys.js';
import { type Administration, administration, type Registered } from './administration.js';
import type { ChannelTable, PendingEnvelope, RecipientKey } from './channel-table.js';
import type { NoticeWriter } from './notice-writer.js';
import type { KeySet, Recipients, Resolved } from './recipients.js';

/** Channels of a list's new keys are opened in groups, so that mail gets its turn in between. */
const channelsAtOnce = 32;

export class LiveRegistry implements Recipients, Administration {
  version = 0;
  readonly #registry: Registry;
  readonly #channels: ChannelTable;
  readonly #lane: Lane<PendingEnvelope>;
  readonly #keys = new Map<string, RecipientKey>();
  readonly #sets = new Map<string, KeySet>();
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
    const { reached, subject } = found;
    return {
      ...this.#sharedSet({ keys, registered: hex(found.registered), keySet }),
      address: hex(subject),
      reached,
    };
  }

  /** One object for all addresses that were found under one, as long as its keys stay the same. */
  #sharedSet(set: KeySet): KeySet {
    const known = this.#sets.get(set.registered);
    if (known !== undefined && equal(known.keySet, set.keySet)) return known;
    this.#sets.set(set.registered, set);
    return set;
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
      await this.#opened([given[1]]);
      return done;
    });
  }

  /** When a key's last address is gone, its chain is wiped. */
  revoke(...given: Parameters<Administration['revoke']>): ReturnType<Administration['revoke']> {
    return this.#inTurn(async () => {
      const before = this.#registry.registered(given[0]);
      const done = await this.#administration.revoke(...given);
      this.#dropped(before.map(({ publicKey }) => publicKey));
      return done;
    });
  }

  exchange(...given: Parameters<Administration['exchange']>): ReturnType<Administration['exchange']> {
    return this.#inTurn(async () => {
      const before = this.#registry.registered(given[0]);
      const done = await this.#administration.exchange(...given);
      this.#dropped(before.map(({ publicKey }) => publicKey));
      await this.#opened([given[1]]);
      return done;
    });
  }

  registered(address: string): Promise<Registered> {
    return this.#administration.registered(address);
  }

  alias(...given: Parameters<Administration['alias']>): ReturnType<Administration['alias']> {
    return this.#inTurn(() => this.#administration.alias(...given).finally(() => this.#changed()));
  }

  removeTargets(
    ...given: Parameters<Administration['removeTargets']>
  ): ReturnType<Administration['removeTargets']> {
    return this.#inTurn(() => this.#administration.removeTargets(...given).finally(() => this.#changed()));
  }

  applyList(...given: Parameters<Administration['applyList']>): ReturnType<Administration['applyList']> {
    return this.#inTurn(async () => {
      const done = await this.#administration.applyList(...given);
      const [, isDry] = given;
      if (isDry || done.changes.length === 0) return done;
      const keys = (what: ListChange['change']) =>
        done.changes.flatMap(({ change, publicKey }) => (change === what && publicKey ? [publicKey] : []));
      this.#dropped(keys('revoke'));
      await this.#opened(keys('register'));
      return done;
    });
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
