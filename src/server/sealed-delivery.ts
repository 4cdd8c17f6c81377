/** Sealed delivery: one message, sealed block by block while it comes, and its envelopes when it is whole. */
import { type Cause, causeOf } from '../core/cause.js';
import { encodeEnvelope } from '../format/envelope.js';
import { envelopeFlags } from '../format/envelope-flags.js';
import { encodeTrailer } from '../format/prelude.js';
import { LostBlocks } from '../journal/group-commit.js';
import type { Lane } from '../journal/lane.js';
import type { Random } from '../seal/channel.js';
import type { Answer, Delivery } from '../smtp/mail-service.js';
import { type Reply, replies } from '../smtp/replies.js';
import type { AcceptedRecipients } from './accepted.js';
import type { AddressCounts } from './address-limits.js';
import type { PendingEnvelope } from './channel-table.js';
import type { MessageWriter, WrittenMessage } from './message-writer.js';
import type { Recipients } from './recipients.js';
import { SummaryScanner } from './summary-scanner.js';

export interface DeliveryOptions {
  readonly lane: Lane<PendingEnvelope>;
  readonly recipients: Recipients;
  readonly random: Random;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How much mail each registered address may get. */
  readonly counts?: Pick<AddressCounts, 'allows' | 'count'>;
  /** Whether so many octets of content may come; if not, their mail is refused for want of space. */
  readonly takes?: (octets: number) => boolean;
  /** Told how many octets of content came in, piece by piece. */
  readonly onContent?: (octets: number) => void;
  /** Told of errors that a client saw as 451 or 452: by their cause, never with a name or an address. */
  readonly onTrouble: (trouble: Cause | 'lost-blocks') => void;
}

/** What a delivery takes over from its session. */
export interface Transaction {
  readonly accepted: AcceptedRecipients;
  /** Version of the registry when the transaction began. */
  readonly version: number;
  readonly preludeLength: number;
  /** LMTP: each recipient has an answer of its own. */
  readonly onePerRecipient: boolean;
}

/** A delivery whose content is sealed while it comes, and whose envelopes are sealed when it has come. */
export class SealedDelivery implements Delivery {
  readonly #options: DeliveryOptions;
  readonly #writer: MessageWriter;
  readonly #transaction: Transaction;
  readonly copiesAtOnce = true;
  readonly #summary = new SummaryScanner();
  #contentLength = 0;
  /** Why the content cannot be kept: the rest of it is forgotten. */
  #trouble: Reply | undefined;

  constructor(options: DeliveryOptions, writer: MessageWriter, transaction: Transaction) {
    this.#options = options;
    this.#writer = writer;
    this.#transaction = transaction;
  }

  write(bytes: Uint8Array): Answer<void> {
    this.#contentLength += bytes.length;
    this.#options.onContent?.(bytes.length);
    if (this.#trouble === undefined && this.#options.takes?.(bytes.length) === false) {
      this.#trouble = replies.noSpace;
      this.#writer.close();
    }
    if (this.#trouble !== undefined) return undefined;
    this.#summary.write(bytes);
    const written = this.#writer.write(bytes);
    return written?.catch((error) => {
      const { reply, trouble } = replyTo(error);
      this.#trouble = reply;
      this.#options.onTrouble(trouble);
      this.#writer.close();
    });
  }

  async commit(): Promise<readonly Reply[]> {
    try {
      return this.#trouble === undefined ? await this.#commit() : this.#answerAll(this.#trouble);
    } catch (error) {
      const { reply, trouble } = replyTo(error);
      this.#options.onTrouble(trouble);
      return this.#answerAll(reply);
    } finally {
      this.abort();
    }
  }

  abort(): void {
    this.#writer.close();
    this.#transaction.accepted.release();
  }

  async #commit(): Promise<readonly Reply[]> {
    const { lane, random, counts } = this.#options;
    const { onePerRecipient } = this.#transaction;
    const accepted = this.#transaction.accepted.all;
    const trailer = encodeTrailer({});
    const waited = this.#writer.write(trailer);
    if (waited !== undefined) await waited;
    const message = await this.#writer.finish();

    this.#resolveAgain();
    const lost = accepted.filter(({ resolved }) => resolved.keys.length === 0);
    if (lost.length > 0 && (lost.length === accepted.length || !onePerRecipient))
      return this.#answerAll(replies.mailboxUnavailable);

    const { addresses, pending } = this.#envelopes(message, trailer.length);
    let sealed: readonly boolean[];
    try {
      sealed = await lane.commit(message.allRuns, pending);
    } finally {
      for (const { plaintext } of pending) plaintext.fill(0);
    }

    const queued = replies.queued(showId(random(10)));
    const unsealed = new Set(addresses.filter((_, index) => !sealed[index]));
    if (unsealed.size > 0 && !onePerRecipient) return this.#answerAll(replies.mailboxUnavailable);
    if (counts)
      for (const [address, mails] of this.#transaction.accepted.mails())
        counts.count(address, this.#contentLength, mails);
    return accepted.map(({ resolved }) =>
      resolved.keys.length === 0 || unsealed.has(resolved.address) ? replies.mailboxUnavailable : queued,
    );
  }

  /** A key that was revoked while the content arrived gets nothing; one that was registered gets it. */
  #resolveAgain(): void {
    const { recipients } = this.#options;
    const { accepted, version } = this.#transaction;
    if (recipients.version === version) return;
    for (const one of accepted.all)
      one.resolved = recipients.resolve(one.mailbox) ?? { ...one.resolved, keys: [] };
  }

  /**
   * One envelope per address and key, however often the address was named; as it was spelled first. Each with the address
   * it goes to.
   */
  #envelopes(
    { messageKey, leaves, depth, runs }: WrittenMessage,
    trailerLength: number,
  ): { readonly addresses: readonly string[]; readonly pending: readonly PendingEnvelope[] } {
    const summary = this.#summary.summary();
    const receivedAt = this.#options.now();
    const { accepted, preludeLength } = this.#transaction;
    const seen = new Set<string>();
    const addresses: string[] = [];
    const pending: PendingEnvelope[] = [];
    for (const { mailbox, resolved } of accepted.all) {
      if (seen.has(resolved.address)) continue;
      seen.add(resolved.address);
      for (const key of resolved.keys) {
        const plaintext = encodeEnvelope({
          reached: resolved.reached,
          flags: resolved.keys.length > 1 ? envelopeFlags.sharedAddress : 0,
          depth,
          receivedAt,
          preludeLength,
          contentLength: this.#contentLength,
          trailerLength,
          messageKey,
          leaves,
          keySet: resolved.keySet,
          runs,
          recipient: mailbox.text,
          summary,
        });
        addresses.push(resolved.address);
        pending.push({ key, plaintext });
      }
    }
    return { addresses, pending };
  }

  #answerAll(reply: Reply): readonly Reply[] {
    return this.#transaction.accepted.all.map(() => reply);
  }
}

/** The disk's error as a client may see it: no space, or simply later. */
export function replyTo(error: unknown): { reply: Reply; trouble: Cause | 'lost-blocks' } {
  if (error instanceof LostBlocks) return { reply: replies.localError, trouble: 'lost-blocks' };
  const trouble = causeOf(error);
  const isFull = trouble === 'ENOSPC' || trouble === 'EDQUOT';
  return { reply: isFull ? replies.noSpace : replies.localError, trouble };
}

/** An opaque id for a 250: base32 of random bytes, kept nowhere. */
function showId(random: Uint8Array): string {
  let id = '';
  for (const byte of random) id += 'abcdefghijklmnopqrstuvwxyz234567'[byte & 31];
  return id;
}
