/** Accepted recipients: those of one transaction, in bounded memory, one transaction's and all transactions' together. */
import type { Mailbox } from '../smtp/address.js';
import { type Reply, replies } from '../smtp/replies.js';
import type { Resolved } from './recipients.js';

/** Envelopes of one mail: each key of an accepted recipient is one. Recipients beyond it, but the first, are refused for now. */
const maxEnvelopes = 4096;
/** What every transaction may have (RFC 5321 section 4.5.3.1.8). */
const always = 100;

export interface Accepted {
  readonly mailbox: Mailbox;
  resolved: Resolved;
}

/** How many recipients beyond a hundred each all transactions may hold at a time. One takes about half a kilobyte. */
export const recipientRoom = 50_000;

export class RecipientRoom {
  #left: number;

  constructor(most = recipientRoom) {
    this.#left = most;
  }

  take(): boolean {
    if (this.#left === 0) return false;
    this.#left -= 1;
    return true;
  }

  give(count: number): void {
    this.#left += count;
  }
}

export class AcceptedRecipients {
  readonly #room: RecipientRoom;
  readonly #all: Accepted[] = [];
  /** Registered address → the addresses under it that were named. */
  readonly #named = new Map<string, Set<string>>();
  #envelopes = 0;
  #taken = 0;

  constructor(room: RecipientRoom) {
    this.#room = room;
  }

  get all(): readonly Accepted[] {
    return this.#all;
  }

  /** How many mails each registered address will get: one for each address that was found under it. */
  *mails(): Generator<readonly [registered: string, mails: number]> {
    for (const [registered, { size }] of this.#named) yield [registered, size];
  }

  /** How many mails a registered address will get, besides the one to this address. */
  besides({ registered, address }: Resolved): number {
    const named = this.#named.get(registered);
    return named === undefined ? 0 : named.size - (named.has(address) ? 1 : 0);
  }

  /** Adds one, or says why not now. */
  add(mailbox: Mailbox, resolved: Resolved): Reply | undefined {
    const envelopes = this.#envelopes + resolved.keys.length;
    if (this.#envelopes > 0 && envelopes > maxEnvelopes) return replies.tooManyRecipients;
    if (this.#all.length >= always) {
      if (!this.#room.take()) return replies.tooManyRecipients;
      this.#taken += 1;
    }
    this.#envelopes = envelopes;
    const named = this.#named.get(resolved.registered);
    if (named) named.add(resolved.address);
    else this.#named.set(resolved.registered, new Set([resolved.address]));
    this.#all.push({ mailbox, resolved });
    return undefined;
  }

  /** The transaction is over. Again does nothing. */
  release(): void {
    this.#room.give(this.#taken);
    this.#taken = 0;
  }
}
