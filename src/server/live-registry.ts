/** Live registry: the recipients of a running server, as its registry has them now. */
import { equal, hex } from '../core/bytes.js';
import type { Registry } from '../registry/registry.js';
import { keySetFingerprint } from '../seal/keys.js';
import type { RecipientKey } from './channel-table.js';
import type { KeySet, Recipients, Resolved } from './recipients.js';

export class LiveRegistry implements Recipients {
  version = 0;
  readonly #registry: Registry;
  readonly #keys = new Map<string, RecipientKey>();
  readonly #sets = new Map<string, KeySet>();

  readonly #isTold: boolean;

  /** `isTold`: whether `changed` is called for each change that another process makes. */
  constructor(registry: Registry, { isTold }: { readonly isTold: boolean }) {
    this.#registry = registry;
    this.#isTold = isTold;
    this.#hold();
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

  /** At once, not at the next recipient, who would see by the time it takes that something was changed. */
  #hold(): void {
    if (this.#isTold) this.#registry.hold();
  }

  /** Addresses have other keys, or others are addresses. */
  changed(): void {
    this.version++;
    this.#registry.release();
    this.#hold();
    this.#keys.clear();
  }
}
