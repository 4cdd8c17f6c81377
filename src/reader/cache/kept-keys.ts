/** Kept keys: how far the key sets of an identity's mails were looked through, so that only new ones need be. */
import { equal, fromHex, hex } from '../../core/bytes.js';
import type { Identity } from '../../seal/keys.js';
import { KeyChain, type KeyChange, type KeyedMail, type SeenKeys } from '../key-changes.js';
import type { ListedMail } from './listed-mail.js';

/** As it is kept: key sets in hexadecimal. */
type Written<T> = { readonly [K in keyof T]: T[K] extends Uint8Array ? string : T[K] };
type WrittenSeen = Written<SeenKeys>;
interface WrittenChange {
  readonly id: string;
  readonly receivedAt: number;
  readonly address: string;
  readonly before: string;
  readonly now: string;
  readonly isYoursAlone: boolean;
}

export interface KeptKeys {
  /** Generation of a segment → how many of its mails were looked at. */
  readonly covered: Readonly<Record<string, number>>;
  /** Ids of expired mails, which were left out. */
  readonly expired: readonly string[];
  /** Receive time of the latest mail. */
  readonly latest: number;
  readonly last: readonly WrittenSeen[];
  readonly waiting: readonly WrittenSeen[];
  /** Ids that were remembered of mails that are not there. */
  readonly remembered: readonly string[];
  readonly changes: readonly WrittenChange[];
}

/** A mail of a list, as its keys are looked at. */
export function keyed(mail: ListedMail): KeyedMail {
  const { id, receivedAt, identity, addressing, flags } = mail;
  return { id, receivedAt, identity, addressing, envelope: { ...addressing, flags } };
}

/** Looks at mails in the order of reading, from the beginning or from where an earlier reading ended. */
export class KeyReading {
  readonly changes: KeyChange[];
  readonly #chain: KeyChain;
  #latest: number;

  private constructor(
    readonly identity: Identity,
    readonly remembered: readonly string[],
    begun: { last: readonly SeenKeys[]; waiting: readonly SeenKeys[]; changes: KeyChange[]; latest: number },
  ) {
    this.#chain = new KeyChain(begun.last, begun.waiting);
    this.changes = begun.changes;
    this.#latest = begun.latest;
  }

  /** `absent`: what is remembered of mails that are not there. */
  static begin(identity: Identity, absent: readonly SeenKeys[]): KeyReading {
    return new KeyReading(
      identity,
      absent.map(({ id }) => id),
      { last: [], waiting: absent, changes: [], latest: Number.NEGATIVE_INFINITY },
    );
  }

  /** From what was kept; undefined if what is remembered now does not follow from it. */
  static resume(kept: KeptKeys, identity: Identity, remembered: readonly SeenKeys[]): KeyReading | undefined {
    const last = kept.last.map(readSeen);
    const isKnown = (one: SeenKeys) =>
      kept.remembered.includes(one.id) ||
      last.some(
        (seen) => seen.id === one.id && seen.address === one.address && equal(seen.keySet, one.keySet),
      );
    if (!remembered.every(isKnown)) return undefined;
    if (!kept.remembered.every((id) => remembered.some((one) => one.id === id))) return undefined;
    const changes = kept.changes.map((one): KeyChange => {
      const { id, receivedAt, address, before, now, isYoursAlone } = one;
      return {
        mail: { id, receivedAt, identity },
        address,
        before: set(before),
        now: set(now),
        isYoursAlone,
      };
    });
    return new KeyReading(identity, kept.remembered, {
      last,
      waiting: kept.waiting.map(readSeen),
      changes,
      latest: kept.latest,
    });
  }

  /** Whether a mail comes after all that were looked at. */
  isNext(receivedAt: number): boolean {
    return receivedAt > this.#latest;
  }

  next(mail: ListedMail): void {
    const change = this.#chain.next(keyed(mail));
    if (change) this.changes.push(change);
    this.#latest = Math.max(this.#latest, mail.receivedAt);
  }

  last(): readonly SeenKeys[] {
    return this.#chain.last();
  }

  kept(covered: KeptKeys['covered'], expired: readonly string[]): KeptKeys {
    const { last, waiting } = this.#chain.state;
    return {
      covered,
      expired,
      latest: Number.isFinite(this.#latest) ? this.#latest : 0,
      last: last.map(writeSeen),
      waiting: waiting.map(writeSeen),
      remembered: this.remembered,
      changes: this.changes.map(({ mail, address, before, now, isYoursAlone }) => ({
        ...{ id: mail.id, receivedAt: mail.receivedAt, address, isYoursAlone },
        ...{ before: hex(before), now: hex(now) },
      })),
    };
  }
}

function readSeen({ keySet, ...seen }: WrittenSeen): SeenKeys {
  return { ...seen, keySet: set(keySet) };
}

function writeSeen({ keySet, ...seen }: SeenKeys): WrittenSeen {
  return { ...seen, keySet: hex(keySet) };
}

function set(text: string): Uint8Array {
  return fromHex(text, 32) ?? new Uint8Array(32);
}
