/** Registry: address → recipient keys, in a database that lists nothing to who has no pepper (spec/registry.md). */
import { equal } from '../core/bytes.js';
import { Problem } from '../core/errors.js';
import type { Random } from '../seal/channel.js';
import { fingerprintOf, publicKeySize } from '../seal/keys.js';
import type { Database } from '../sqlite/open-database.js';
import { databaseProblem } from '../sqlite/problems.js';
import { type MailboxName, parseAddress } from './address.js';
import { type AddressRules, usualRules } from './address-rules.js';
import { checkTargets, firstKeyBehind, isAlias, targetText } from './aliases.js';
import { follow, type RegisteredKey, type Start, withFingerprint } from './following.js';
import { detailed, type KeyDetails } from './key-details.js';
import { type Found, lookUp, named } from './looking-up.js';
import {
  type Entry,
  encodeEntry,
  encodeTarget,
  isKey,
  isTarget,
  type Slot,
  type Target,
} from './recipient-body.js';
import { Slots } from './slots.js';
import { Tables } from './tables.js';

export interface RegistryOptions {
  readonly path: string;
  /** 32 octets that are kept outside the database. */
  readonly pepper: Uint8Array;
  readonly random: Random;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The administrator's rules, as they are now; the usual ones if absent. */
  readonly rules?: () => AddressRules;
  /** For a process that only looks up, beside the one that writes. */
  readonly isReadOnly?: boolean;
}

/**
 * An open registry. Any method throws a Problem of kind 'damage' that names the row where the file is damaged, and one
 * of kind 'usage' for a text that is no address.
 */
export class Registry {
  readonly #tables: Tables;
  readonly #slots: Slots;
  readonly #database: Database.Database;
  readonly #path: string;
  readonly #now: () => number;
  readonly #rules: () => AddressRules;

  /** Takes over the connection. Throws a Problem if the pepper is not the registry's own. */
  constructor(database: Database.Database, options: RegistryOptions) {
    this.#database = database;
    this.#path = options.path;
    this.#now = options.now;
    this.#rules = options.rules ?? (() => usualRules);
    this.#tables = this.#guard(() => new Tables(database, options.path, options.pepper, options.random));
    this.#slots = new Slots(this.#tables);
  }

  /**
   * The keys that a mail to this mailbox is sealed to now; undefined if there are none. An address that is registered
   * itself is never passed on to a catch-all, not even while none of its keys is valid. The same rows are looked for
   * whatever is registered; only for aliases there are more.
   */
  lookup(mailbox: MailboxName): Found | undefined {
    const look = () => lookUp(mailbox, this.#slots, this.#rules(), this.#second());
    // Where another process writes, all rows are those of one moment.
    const isApart = this.#database.readonly && !this.#tables.recipients.isHeld;
    return this.#guard(() => (isApart ? this.#database.transaction(look)() : look()));
  }

  /**
   * From now on `lookup` sees what is registered now, and asks the file no more, until this registry is written to. Only for who
   * is told when another process changes the file, and then calls `release`.
   */
  hold(): void {
    this.#guard(() => this.#tables.recipients.hold());
  }

  /** The file was changed: `lookup` asks it again. */
  release(): void {
    this.#tables.recipients.release();
  }

  /** All keys of an address, those not yet or no longer valid too, oldest slot first. */
  registered(address: string): RegisteredKey[] {
    return this.#guard(() => this.#slotsOf(address).slots.filter(isKey).map(withFingerprint));
  }

  /** The targets of an address, oldest slot first; none if it is no alias. */
  targets(address: string): Target[] {
    return this.#guard(() => this.#slotsOf(address).slots.filter(isTarget));
  }

  /** All keys of an address and of all that its targets lead to, whatever their dates. */
  keysBehind(address: string): RegisteredKey[] {
    return this.#guard(() => follow(this.#slotsOf(address), this.#slots, this.#rules(), () => true).keys);
  }

  /** What an address has, and the octets that stand for it in all its spellings. Throws a usage Problem for no address. */
  held(address: string): { subject: Uint8Array; keys: Entry[]; targets: Target[] } {
    return this.#guard(() => {
      const { subject, slots } = this.#slotsOf(address);
      return { subject, keys: slots.filter(isKey), targets: slots.filter(isTarget) };
    });
  }

  /** Gives an address a key, or changes what is said of a key it has; tells which. Durable when it returns. */
  register(address: string, publicKey: Uint8Array, details: KeyDetails = {}): 'added' | 'updated' {
    parseAddress(address);
    if (publicKey.length !== publicKeySize)
      throw new Problem('usage', `a recipient key has ${publicKeySize} octets, not ${publicKey.length}`);
    return this.#guard(() =>
      this.#tables.write((counts) => {
        const { subject, slots } = this.#slotsOf(address);
        if (slots.some(isTarget)) throw isAlias(address);
        const old = slots.filter(isKey).find((entry) => equal(entry.publicKey, publicKey));
        const entry = detailed(old ?? { publicKey, label: '', registeredAt: this.#second() }, details);
        const at = old && slots.indexOf(old);
        this.#slots.put(subject, encodeEntry(entry), counts.recipients, { slots, at });
        if (!old) this.#tables.keys.use(publicKey, counts.keys);
        return old ? 'updated' : 'added';
      }),
    );
  }

  /** Takes one key from an address, or all that it has; tells how many that was. Durable when it returns. */
  revoke(address: string, fingerprint?: Uint8Array): number {
    return this.#remove(
      address,
      (slot) =>
        (isTarget(slot) && !fingerprint) ||
        (isKey(slot) && (!fingerprint || equal(fingerprintOf(slot.publicKey), fingerprint))),
    );
  }

  /**
   * Makes an address an alias, or gives an alias more targets; tells how many were added. Throws a Problem if one has no
   * key, leads back, or too far. Durable when it returns.
   */
  alias(address: string, targets: readonly string[]): number {
    return this.together(() => {
      const added = this.addTargets(address, targets);
      this.checkTargets(address, targets);
      return added;
    });
  }

  /** As `alias`, without its checks: for several of them in one transaction, which checks at its end. */
  addTargets(address: string, targets: readonly string[]): number {
    const texts = targets.map(targetText);
    return this.#guard(() =>
      this.#tables.write((counts) => {
        const { subject, slots } = this.#slotsOf(address);
        if (slots.some(isKey))
          throw new Problem(
            'usage',
            `${address}: has a key, and an address has keys or targets; take the key away first with: obalka revoke ADDRESS`,
          );
        let added = 0;
        for (const target of texts) {
          const now = this.#slots.of(subject);
          if (now.some((slot) => isTarget(slot) && slot.target === target)) continue;
          const body = encodeTarget({ target, registeredAt: this.#second() });
          this.#slots.put(subject, body, counts.recipients, { slots: now });
          this.#touch(target);
          added += 1;
        }
        return added;
      }),
    );
  }

  /** Throws a Problem unless each of these targets of an alias leads to a key, and none back to it or too far. */
  checkTargets(address: string, targets: readonly string[]): void {
    const texts = targets.map(targetText);
    this.#guard(() => {
      const alias = { address, ...this.#slotsOf(address) };
      checkTargets(alias, texts, this.#second(), this.#slots, this.#rules());
    });
  }

  /** Takes targets from an alias, or all; tells how many those were. Durable when it returns. */
  removeTargets(address: string, targets?: readonly string[]): number {
    const texts = targets?.map(targetText);
    return this.#remove(address, (slot) => isTarget(slot) && (!texts || texts.includes(slot.target)));
  }

  #remove(address: string, isMeant: (slot: Slot) => boolean): number {
    return this.#guard(() => {
      if (!this.#slotsOf(address).slots.some(isMeant)) return 0;
      return this.#tables.write((counts) => {
        const { subject, slots } = this.#slotsOf(address);
        const meant = slots.filter(isMeant);
        for (const entry of meant.filter(isKey)) this.#tables.keys.release(entry.publicKey, counts.keys);
        this.#slots.clear(subject, isMeant, counts.recipients);
        for (const { target } of meant.filter(isTarget)) this.#touch(target);
        return meant.length;
      });
    });
  }

  /** Every key that any address has, once each, whatever its dates. Opens the whole table of keys. */
  activeKeys(): Uint8Array[] {
    return this.#guard(() => this.#tables.keys.list());
  }

  /** Makes several registrations and revocations one: all of them or none, and the file is rebuilt once. */
  together<T>(work: () => T): T {
    return this.#guard(() => this.#tables.write(work));
  }

  /** What changes would come to: makes them, and undoes them. Throws what they would throw. */
  preview<T>(work: () => T): T {
    let result: { value: T } | undefined;
    try {
      this.together(() => {
        result = { value: work() };
        throw new Undone();
      });
    } catch (error) {
      if (!(error instanceof Undone) || !result) throw error;
      return result.value;
    }
    throw new Error('a transaction that was to be undone was made');
  }

  /** Checks all that can be checked without addresses. Throws a Problem of kind 'damage' if anything is wrong. */
  check(): void {
    this.#guard(() => {
      const counts = this.#tables.readCounts();
      this.#tables.recipients.check(counts.recipients);
      this.#tables.keys.check(counts.keys);
      if (this.#database.pragma('quick_check(1)', { simple: true }) !== 'ok')
        throw new Problem('damage', `${this.#path}: damaged registry: put back a copy of it`);
    });
  }

  close(): void {
    this.#database.close();
  }

  #slotsOf(address: string): Start {
    return named(address, this.#slots, this.#rules());
  }

  /** An alias changes a row of the table of keys as a key does, so that two images do not tell them apart. */
  #touch(target: string): void {
    const publicKey = firstKeyBehind(target, this.#slots, this.#rules());
    if (publicKey) this.#tables.keys.touch(publicKey);
  }

  #second(): number {
    return Math.floor(this.#now() / 1000);
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw databaseProblem(this.#path, 'registry', error);
    }
  }
}

/** Ends a transaction that was only a preview. */
class Undone extends Error {}
