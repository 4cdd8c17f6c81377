/** Key changes: from which mail on an address is sealed to other keys than before (spec/sealing.md, Noticing other keys, as the reader). */
import { equal, hex } from '../core/bytes.js';
import { normaliseDomain } from '../core/domain.js';
import type { Envelope } from '../format/envelope.js';
import { envelopeFlags } from '../format/envelope-flags.js';
import { type Identity, keySetFingerprint } from '../seal/keys.js';
import { type InLane, inTurn } from './turns.js';

/** The key set that an address was last seen with: in a mail of the journal, or as it is remembered. */
export interface SeenKeys {
  /** As `addressesOf` gives it. */
  readonly address: string;
  /** Key-set fingerprint, 32 octets. */
  readonly keySet: Uint8Array;
  /** Receive time of the mail, milliseconds since 1970. */
  readonly receivedAt: number;
  /** Id of the mail. */
  readonly id: string;
}

/** What is needed of a mail: one that was opened has it, and one of a list. */
export interface KeyedMail extends InLane {
  readonly id: string;
  readonly identity: Identity;
  /** Mails that share it have the same recipient, way and key set. */
  readonly addressing: unknown;
  readonly envelope: Pick<Envelope, 'recipient' | 'reached' | 'keySet' | 'flags'>;
}

/** A mail whose key set differs from that of the mail before it for the same address. */
export interface KeyChange {
  readonly mail: Pick<KeyedMail, 'id' | 'receivedAt' | 'identity'>;
  /** The address that both came through. */
  readonly address: string;
  /** Key-set fingerprints. */
  readonly before: Uint8Array;
  readonly now: Uint8Array;
  /** Whether the set is now the reader's own key and nothing else. */
  readonly isYoursAlone: boolean;
  /** When the mail had its turn (turns.ts). */
  readonly turn: number;
}

export interface KeyChanges {
  /** In the order of reading. */
  readonly all: readonly KeyChange[];
  /** The change that a mail began. */
  of(mail: { readonly id: string }): KeyChange | undefined;
  /** The last that was seen of each address of an identity, remembered ones too. */
  last(identity: Identity): readonly SeenKeys[];
}

/**
 * Goes through mails in the order of reading. What is remembered of an identity counts as a mail where its mail is no
 * longer there.
 */
export function keyChanges(
  mails: readonly KeyedMail[],
  remembered: (identity: Identity) => readonly SeenKeys[] = () => [],
): KeyChanges {
  const chains = new Map<Identity, KeyChain>();
  const chainOf = (identity: Identity) => {
    const begun = chains.get(identity);
    if (begun) return begun;
    const known = remembered(identity);
    const ids = new Set(known.length > 0 ? mails.map(({ id }) => id) : []);
    const chain = new KeyChain(
      [],
      known.filter(({ id }) => !ids.has(id)),
    );
    chains.set(identity, chain);
    return chain;
  };
  const all: KeyChange[] = [];
  for (const own of byIdentity(mails).values())
    for (const [mail, turn] of inTurn(own)) {
      const change = chainOf(mail.identity).next(mail, turn);
      if (change) all.push(change);
    }
  all.sort((a, b) => a.turn - b.turn);
  const byMail = new Map(all.map((change) => [change.mail.id, change]));
  return {
    all,
    of: ({ id }) => byMail.get(id),
    last: (identity) => chainOf(identity).last(),
  };
}

function byIdentity(mails: readonly KeyedMail[]): Map<Identity, KeyedMail[]> {
  const own = new Map<Identity, KeyedMail[]>();
  for (const mail of mails) {
    const same = own.get(mail.identity);
    if (same) same.push(mail);
    else own.set(mail.identity, [mail]);
  }
  return own;
}

interface Addressing {
  readonly addresses: readonly string[];
  readonly keySet: Uint8Array;
}

/** What one identity sees, mail after mail. */
export class KeyChain {
  /** Address → the last seen, in the order they were seen. */
  readonly #last: Map<string, SeenKeys>;
  /** Recipient, way and key set → addresses and key set: a mailbox has few, and many mails. */
  readonly #addressings = new Map<unknown, Addressing>();
  /** Remembered ones whose turn has not come, oldest first. */
  readonly #waiting: SeenKeys[];

  /** `last` is what was seen so far; `waiting` is what is remembered of mails that are not there. */
  constructor(last: readonly SeenKeys[], waiting: readonly SeenKeys[]) {
    this.#last = new Map(last.map((seen) => [seen.address, seen]));
    this.#waiting = [...waiting].sort((one, other) => one.receivedAt - other.receivedAt);
  }

  /** What another chain goes on from. */
  get state(): { readonly last: readonly SeenKeys[]; readonly waiting: readonly SeenKeys[] } {
    return { last: [...this.#last.values()], waiting: this.#waiting };
  }

  /** `receivedAt`: when the mail has its turn. */
  next(mail: KeyedMail, receivedAt: number): KeyChange | undefined {
    const { id } = mail;
    while ((this.#waiting[0]?.receivedAt ?? Number.POSITIVE_INFINITY) <= receivedAt)
      this.#see(this.#waiting.shift() as SeenKeys);
    const { addresses, keySet } = this.#addressingOf(mail);
    let before: SeenKeys | undefined;
    for (const address of addresses) {
      const seen = this.#last.get(address);
      if (seen && (!before || seen.receivedAt > before.receivedAt)) before = seen;
    }
    for (const address of addresses) this.#see({ address, keySet, receivedAt, id });
    if (!before || equal(before.keySet, keySet)) return undefined;
    return {
      mail,
      address: before.address,
      before: before.keySet,
      now: keySet,
      isYoursAlone: isYoursAlone(mail),
      turn: receivedAt,
    };
  }

  last(): readonly SeenKeys[] {
    const last = new Map([...this.#last, ...this.#waiting.map((seen) => [seen.address, seen] as const)]);
    return [...last.values()];
  }

  #addressingOf(mail: KeyedMail): Addressing {
    const { addressing } = mail;
    const known = this.#addressings.get(addressing);
    if (known) return known;
    const { envelope } = mail;
    const made = { addresses: addressesOf(envelope), keySet: envelope.keySet };
    this.#addressings.set(addressing, made);
    return made;
  }

  #see(seen: SeenKeys): void {
    this.#last.set(seen.address, seen);
  }
}

/** Whether an envelope says that its recipient's key is the only one that mail for the address is sealed to. */
export function isYoursAlone({ envelope, identity }: Pick<KeyedMail, 'envelope' | 'identity'>): boolean {
  const isShared = (envelope.flags & envelopeFlags.sharedAddress) !== 0;
  return !isShared && equal(envelope.keySet, keySetFingerprint([identity.fingerprint]));
}

/** The same change as other identities of one reader see it, once. */
export function distinctChanges(changes: readonly KeyChange[]): KeyChange[] {
  const stamp = ({ address, before, now, mail }: KeyChange) =>
    `${hex(before)} ${hex(now)} ${mail.receivedAt} ${address}`;
  return [...new Map(changes.map((change) => [stamp(change), change])).values()];
}

/**
 * The addresses whose keys an envelope tells of: that of the recipient, in one spelling; without what follows a `+` if it
 * was reached as a sub-address; and the catch-all that led to it.
 */
export function addressesOf({ recipient, reached }: Pick<Envelope, 'recipient' | 'reached'>): string[] {
  const at = recipient.lastIndexOf('@');
  const domain = at < 0 ? '' : recipient.slice(at + 1);
  const known = normaliseDomain(domain) ?? domain;
  const written = (at < 0 ? recipient : recipient.slice(0, at)).normalize('NFC');
  const local = written.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
  const mailbox = reached === 'sub-address' ? local.replace(/(?<=.)\+.*/s, '') : local;
  const address = at < 0 ? mailbox : `${mailbox}@${known}`;
  if (reached === 'domain-catch-all') return [address, `*@${known}`];
  if (reached === 'system-catch-all') return [address, '*'];
  return [address];
}
