/** Registry: address → recipient keys, in a database that lists nothing to who has no pepper (spec/registry.md). */
import { equal } from '../core/bytes.js';
import { Problem } from '../core/errors.js';
import type { Random } from '../seal/channel.js';
import { fingerprintOf, publicKeySize } from '../seal/keys.js';
import type { Database } from '../sqlite/open-database.js';
import { databaseProblem } from '../sqlite/problems.js';
import { lookupOrder, lookupSubjects, parseAddress, subjectOf } from './address.js';
import { detailed, type KeyDetails } from './key-details.js';
import { placeText } from './padded-table.js';
import { decodeBody, type Entry, encodeEntry, encodeFree, isValidAt } from './recipient-body.js';
import type { Row } from './row-keys.js';
import { Tables } from './tables.js';

export interface RegistryOptions {
  readonly path: string;
  /** 32 octets that are kept outside the database. */
  readonly pepper: Uint8Array;
  readonly random: Random;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A recipient key as an address has it. Times are seconds since 1970. */
export interface RegisteredKey extends Entry {
  /** SHA-256 of the public key. */
  readonly fingerprint: Uint8Array;
}

export interface Found {
  /** The keys that are valid now, oldest slot first: at least one. */
  readonly keys: RegisteredKey[];
  readonly reached: (typeof lookupOrder)[number];
}

/** Keys that one address can have. Each is one more envelope for every mail to it. */
export const maxKeysPerAddress = 1024;

/** Slots of an address that are looked for whether it exists or not. */
const firstSlots = [0, 1];

/**
 * An open registry. Any method throws a Problem of kind 'damage' that names the row where the file is damaged, and one
 * of kind 'usage' for a text that is no address.
 */
export class Registry {
  readonly #tables: Tables;
  readonly #database: Database.Database;
  readonly #path: string;
  readonly #now: () => number;

  /** Takes over the connection. Throws a Problem if the pepper is not the registry's own. */
  constructor(database: Database.Database, options: RegistryOptions) {
    this.#database = database;
    this.#path = options.path;
    this.#now = options.now;
    this.#tables = this.#guard(() => new Tables(database, options.path, options.pepper, options.random));
  }

  /**
   * The keys that a mail to this mailbox is sealed to now; undefined if there are none. An address that is registered
   * itself is never passed on to a catch-all, not even while none of its keys is valid. The same six rows are looked
   * for whatever is registered.
   */
  lookup(mailbox: { readonly localPart: string; readonly domain: string }): Found | undefined {
    return this.#guard(() => {
      const subjects = lookupSubjects(mailbox.localPart, mailbox.domain);
      const rows = subjects.map((subject) => firstSlots.map((slot) => this.#row(subject, slot)));
      const found = this.#tables.recipients.find(rows.flat());
      for (const [which, subject] of subjects.entries()) {
        const values = (rows[which] as Row[]).map((row) => found.get(placeText(row.key)));
        const entries = this.#entries(subject, values);
        if (entries.length === 0) continue;
        const second = this.#second();
        const keys = entries
          .filter((entry): entry is Entry => isEntry(entry) && isValidAt(entry, second))
          .map(withFingerprint);
        return keys.length > 0 ? { keys, reached: lookupOrder[which] as Found['reached'] } : undefined;
      }
      return undefined;
    });
  }

  /** All keys of an address, those not yet or no longer valid too, oldest slot first. */
  registered(address: string): RegisteredKey[] {
    const subject = subjectOf(parseAddress(address));
    return this.#guard(() => this.#entries(subject).filter(isEntry).map(withFingerprint));
  }

  /** Gives an address a key, or changes what is said of a key it has; tells which. Durable when it returns. */
  register(address: string, publicKey: Uint8Array, details: KeyDetails = {}): 'added' | 'updated' {
    const subject = subjectOf(parseAddress(address));
    if (publicKey.length !== publicKeySize)
      throw new Problem('usage', `a recipient key has ${publicKeySize} octets, not ${publicKey.length}`);
    return this.#guard(() =>
      this.#tables.write((counts) => {
        const entries = this.#entries(subject);
        const old = entries.filter(isEntry).find((entry) => equal(entry.publicKey, publicKey));
        const free = entries.indexOf('free');
        const slot = old ? entries.indexOf(old) : free >= 0 ? free : entries.length;
        if (slot >= maxKeysPerAddress)
          throw new Problem('usage', `an address has at most ${maxKeysPerAddress} keys: revoke one first`);
        const entry = detailed(old ?? { publicKey, label: '', registeredAt: this.#second() }, details);
        this.#tables.recipients.write(this.#row(subject, slot), encodeEntry(entry), counts.recipients);
        if (!old) this.#tables.keys.use(publicKey, counts.keys);
        return old ? 'updated' : 'added';
      }),
    );
  }

  /** Takes one key from an address, or all of them; tells how many those were. Durable when it returns. */
  revoke(address: string, fingerprint?: Uint8Array): number {
    const subject = subjectOf(parseAddress(address));
    const isMeant = (entry: Entry | 'free'): entry is Entry =>
      isEntry(entry) && (!fingerprint || equal(fingerprintOf(entry.publicKey), fingerprint));
    return this.#guard(() => {
      if (!this.#entries(subject).some(isMeant)) return 0;
      return this.#tables.write((counts) => {
        const entries = this.#entries(subject);
        const meant = entries.filter(isMeant);
        const isEmptied = entries.every((entry) => entry === 'free' || isMeant(entry));
        for (const entry of meant) this.#tables.keys.release(entry.publicKey, counts.keys);
        for (const [slot, entry] of entries.entries()) {
          const row = this.#row(subject, slot);
          if (isEmptied) this.#tables.recipients.remove(row, counts.recipients);
          else if (isMeant(entry)) this.#tables.recipients.write(row, encodeFree(), counts.recipients);
        }
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

  /** All slots of a subject, in order. `first` are the values of its first slots where they have been looked for. */
  #entries(subject: Uint8Array, first: readonly (Uint8Array | undefined)[] = []): (Entry | 'free')[] {
    const { recipients } = this.#tables;
    const entries: (Entry | 'free')[] = [];
    for (let slot = 0; ; slot += 1) {
      if (slot < first.length && !first[slot]) return entries;
      const row = this.#row(subject, slot);
      const value = first[slot];
      const body = value ? recipients.open(row, value) : recipients.read(row);
      if (!body) return entries;
      const entry = decodeBody(body);
      if (!entry) throw recipients.damage(row.key, 'is of an unknown kind');
      entries.push(entry);
    }
  }

  #row(subject: Uint8Array, slot: number): Row {
    return this.#tables.rowKeys.recipientRow(subject, slot);
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

function isEntry(entry: Entry | 'free'): entry is Entry {
  return entry !== 'free';
}

function withFingerprint(entry: Entry): RegisteredKey {
  return { ...entry, fingerprint: fingerprintOf(entry.publicKey) };
}
