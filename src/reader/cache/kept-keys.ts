/** Kept keys: how far the key sets of an identity's mails were looked through, so that only new ones need be. */
import { equal, fromHex, hex } from '../../core/bytes.js';
import type { Identity } from '../../seal/keys.js';
import { KeyChain, type KeyChange, type KeyedMail, type SeenKeys } from '../key-changes.js';
import { inTurn, isOld } from '../turns.js';
import type { BareMail } from './listed-mail.js';

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
  readonly turn: number;
}

export interface KeptKeys {
  /** Generation of a segment → how many of its mails were looked at. */
  readonly covered: Readonly<Record<string, number>>;
  /** Ids of expired mails, which were left out. */
  readonly expired: readonly string[];
  /** The latest turn (turns.ts), and of each lane the latest receive time of mail that was not brought in. */
  readonly latest: number;
  readonly lanes: Readonly<Record<string, number>>;
  readonly last: readonly WrittenSeen[];
  readonly waiting: readonly WrittenSeen[];
  /** Ids that were remembered of mails that are not there. */
  readonly remembered: readonly string[];
  readonly changes: readonly WrittenChange[];
}

/** A mail of a list, as its keys are looked at: of most no more than the addressing is. */
class Keyed implements KeyedMail {
  constructor(readonly mail: BareMail) {}

  get id() {
    return this.mail.id;
  }
  get identity() {
    return this.mail.identity;
  }
  get receivedAt() {
    return this.mail.receivedAt;
  }
  get at() {
    return this.mail.at;
  }
  get number() {
    return this.mail.number;
  }
  get flags() {
    return this.mail.flags;
  }
  get addressing() {
    return this.mail.addressing;
  }
  get envelope() {
    return { ...this.mail.addressing, flags: this.mail.flags };
  }
}

/** Looks at mails in the order of reading, from the beginning or from where an earlier reading ended. */
export class KeyReading {
  readonly changes: KeyChange[];
  readonly #chain: KeyChain;
  #latest: number;
  readonly #lanes: Map<string, number>;

  private constructor(
    readonly identity: Identity,
    readonly remembered: readonly string[],
    begun: {
      last: readonly SeenKeys[];
      waiting: readonly SeenKeys[];
      changes: KeyChange[];
      latest: number;
      lanes: KeptKeys['lanes'];
    },
  ) {
    this.#chain = new KeyChain(begun.last, begun.waiting);
    this.changes = begun.changes;
    this.#latest = begun.latest;
    this.#lanes = new Map(Object.entries(begun.lanes));
  }

  /** `absent`: what is remembered of mails that are not there. */
  static begin(identity: Identity, absent: readonly SeenKeys[]): KeyReading {
    return new KeyReading(
      identity,
      absent.map(({ id }) => id),
      { last: [], waiting: absent, changes: [], latest: Number.NEGATIVE_INFINITY, lanes: {} },
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
      const { id, receivedAt, address, before, now, isYoursAlone, turn } = one;
      return {
        mail: { id, receivedAt, identity },
        address,
        before: set(before),
        now: set(now),
        isYoursAlone,
        turn,
      };
    });
    return new KeyReading(identity, kept.remembered, {
      last,
      waiting: kept.waiting.map(readSeen),
      changes,
      latest: kept.latest,
      lanes: kept.lanes,
    });
  }

  /** Looks at mails, in the order of reading; false, and nothing is done, if one should have had its turn before. */
  take(mails: readonly BareMail[]): boolean {
    const turns = inTurn(mails, (lane) => this.#lanes.get(hex(lane)) ?? 0);
    // Of one lane, what came at the same time stands behind.
    const isOnly = (mail: BareMail) => [...this.#lanes.keys()].every((known) => known === this.#laneOf(mail));
    const isNext = ([mail, turn]: readonly [BareMail, number]) =>
      turn > this.#latest || (turn === this.#latest && isOnly(mail));
    if (!turns.every(isNext)) return false;
    for (const [mail, turn] of turns) {
      const change = this.#chain.next(new Keyed(mail), turn);
      if (change) this.changes.push(change);
      this.#latest = Math.max(this.#latest, turn);
    }
    for (const mail of mails) {
      const lane = this.#laneOf(mail);
      if (!isOld(mail)) this.#lanes.set(lane, Math.max(this.#lanes.get(lane) ?? 0, mail.receivedAt));
      else if (!this.#lanes.has(lane)) this.#lanes.set(lane, 0);
    }
    return true;
  }

  /** Most mails in a row are of one segment. */
  #lastLane: { readonly octets: Uint8Array; readonly name: string } | undefined;
  #laneOf({ at }: BareMail): string {
    if (this.#lastLane?.octets !== at.lane) this.#lastLane = { octets: at.lane, name: hex(at.lane) };
    return this.#lastLane.name;
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
      lanes: Object.fromEntries(this.#lanes),
      last: last.map(writeSeen),
      waiting: waiting.map(writeSeen),
      remembered: this.remembered,
      changes: this.changes.map(({ mail, address, before, now, isYoursAlone, turn }) => ({
        ...{ id: mail.id, receivedAt: mail.receivedAt, address, isYoursAlone, turn },
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
