/** Intake: the mail service that seals what it is given. One session per connection, one delivery per message. */
import { encodeEnvelope, envelopeFlags, type WayReached } from '../format/envelope.js';
import { encodePrelude, encodeTrailer } from '../format/prelude.js';
import { LostBlocks } from '../journal/group-commit.js';
import type { Lane } from '../journal/lane.js';
import type { Aead } from '../seal/aead.js';
import type { Random } from '../seal/channel.js';
import type { Mailbox, MailParameters, ReversePath } from '../smtp/address.js';
import type { Answer, Client, Delivery, MailService, MailSession, Notes } from '../smtp/mail-service.js';
import { type Reply, replies } from '../smtp/replies.js';
import type { AddressCounts } from './address-limits.js';
import type { PendingEnvelope, RecipientKey } from './channel-table.js';
import { MessageWriter, type WrittenMessage } from './message-writer.js';
import { SummaryScanner } from './summary-scanner.js';

/** What one accepted recipient's mail is sealed to. */
export interface Resolved {
  readonly keys: readonly RecipientKey[];
  /** The one form of the address: two spellings of it are one recipient. */
  readonly address: string;
  /** The registered address that it was found under: its limits count. */
  readonly registered: string;
  readonly reached: WayReached;
  /** Fingerprint of the whole key set of the address, 32 bytes. */
  readonly keySet: Uint8Array;
}

/** Where the keys of an address are found. */
export interface Recipients {
  /** Changes whenever a key is registered or revoked: what was resolved before may no longer hold. */
  readonly version: number;
  /** Undefined if nobody could open mail for this address now. */
  resolve(address: { readonly localPart: string; readonly domain: string }): Resolved | undefined;
}

export interface IntakeOptions {
  readonly lane: Lane<PendingEnvelope>;
  readonly recipients: Recipients;
  readonly aead: Aead;
  readonly random: Random;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How much mail each registered address may get. */
  readonly counts?: AddressCounts;
  /** Told how many octets of content came in, piece by piece. */
  readonly onContent?: (octets: number) => void;
  /** Told of errors that a client saw as 451 or 452: the error's code, never a name or an address. */
  readonly onTrouble: (code: string) => void;
}

/** The mail service of a server that keeps a journal. */
export function intake(options: IntakeOptions): MailService {
  return { connect: (client) => new IntakeSession(options, client) };
}

/** Envelopes of one mail: each key of an accepted recipient is one. Recipients beyond it, but the first, are refused for now. */
const maxEnvelopes = 4096;

interface Accepted {
  readonly mailbox: Mailbox;
  resolved: Resolved;
}

class IntakeSession implements MailSession {
  readonly #options: IntakeOptions;
  #client: Client;
  #helo = '';
  #from: ReversePath = null;
  #accepted: Accepted[] = [];
  #version = 0;
  #last: { readonly stamp: string; readonly resolved: Resolved } | undefined;

  constructor(options: IntakeOptions, client: Client) {
    this.#options = options;
    this.#client = client;
  }

  hello(name: string, client: Client): undefined {
    this.#helo = name;
    this.#client = client;
  }

  mail(from: ReversePath, _parameters: MailParameters): undefined {
    this.#from = from;
    this.#accepted = [];
    this.#version = this.#options.recipients.version;
  }

  recipient(mailbox: Mailbox): Answer<Reply | undefined> {
    const { lane } = this.#options;
    const resolved = this.#resolve(mailbox);
    if (!resolved) return replies.noSuchRecipient;
    const envelopes = this.#accepted.reduce((sum, one) => sum + one.resolved.keys.length, 0);
    if (envelopes > 0 && envelopes + resolved.keys.length > maxEnvelopes) return replies.tooManyRecipients;
    if (this.#options.counts?.allows(resolved.registered) === false) return replies.mailboxBusy;
    const accept = () => {
      this.#accepted.push({ mailbox, resolved });
      return undefined;
    };
    // The segment is begun here, so that the disk refuses before the content comes and not after.
    return lane.ready ? accept() : lane.begin().then(accept, (error) => this.#refuse(error));
  }

  content(notes: Notes = {}): Answer<Delivery> {
    const { lane, aead, random } = this.#options;
    const writer = new MessageWriter(lane, aead, random);
    const prelude = encodePrelude({
      from: this.#from?.text ?? '',
      helo: this.#helo,
      client: this.#client.address,
      protocol: this.#client.protocol,
      tls: this.#client.tls ? `${this.#client.tls.protocol} ${this.#client.tls.cipher}` : '',
      notes,
    });
    const delivery = new SealedDelivery(this.#options, writer, {
      accepted: this.#accepted,
      version: this.#version,
      preludeLength: prelude.length,
      onePerRecipient: this.#client.protocol === 'lmtp',
    });
    this.reset();
    const written = writer.write(prelude);
    if (written === undefined) return delivery;
    return written.then(
      () => delivery,
      (error: unknown) => {
        writer.close();
        throw error;
      },
    );
  }

  /**
   * The last recipient of this session is remembered within its second (keys have dates). Never for other sessions: how
   * fast a reply comes would tell a client who else gets mail.
   */
  #resolve(mailbox: Mailbox): Resolved | undefined {
    const { recipients, now } = this.#options;
    const stamp = `${recipients.version} ${Math.floor(now() / 1000)} ${mailbox.text}`;
    if (this.#last?.stamp === stamp) return this.#last.resolved;
    const resolved = recipients.resolve(mailbox);
    if (resolved) this.#last = { stamp, resolved };
    return resolved;
  }

  reset(): void {
    this.#accepted = [];
    this.#from = null;
  }

  close(): void {
    this.reset();
  }

  #refuse(error: unknown): Reply {
    const { reply, code } = replyTo(error);
    this.#options.onTrouble(code);
    return reply;
  }
}

interface Transaction {
  readonly accepted: readonly Accepted[];
  /** Version of the registry when the transaction began. */
  readonly version: number;
  readonly preludeLength: number;
  /** LMTP: each recipient has an answer of its own. */
  readonly onePerRecipient: boolean;
}

class SealedDelivery implements Delivery {
  readonly #options: IntakeOptions;
  readonly #writer: MessageWriter;
  readonly #transaction: Transaction;
  readonly #summary = new SummaryScanner();
  #contentLength = 0;

  constructor(options: IntakeOptions, writer: MessageWriter, transaction: Transaction) {
    this.#options = options;
    this.#writer = writer;
    this.#transaction = transaction;
  }

  write(bytes: Uint8Array): Answer<void> {
    this.#contentLength += bytes.length;
    this.#options.onContent?.(bytes.length);
    this.#summary.write(bytes);
    return this.#writer.write(bytes);
  }

  async commit(): Promise<readonly Reply[]> {
    try {
      return await this.#commit();
    } catch (error) {
      const { reply, code } = replyTo(error);
      this.#options.onTrouble(code);
      return this.#answerAll(reply);
    } finally {
      this.#writer.close();
    }
  }

  abort(): void {
    this.#writer.close();
  }

  async #commit(): Promise<readonly Reply[]> {
    const { lane, random, counts } = this.#options;
    const { accepted, onePerRecipient } = this.#transaction;
    const trailer = encodeTrailer({});
    const waited = this.#writer.write(trailer);
    if (waited !== undefined) await waited;
    const message = await this.#writer.finish();

    this.#resolveAgain();
    const lost = accepted.filter(({ resolved }) => resolved.keys.length === 0);
    if (lost.length > 0 && (lost.length === accepted.length || !onePerRecipient))
      return this.#answerAll(replies.mailboxUnavailable);

    const envelopes = this.#envelopes(message, trailer.length);
    const sealed = await lane
      .commit(
        message.allRuns,
        envelopes.map(({ pending }) => pending),
      )
      .finally(() => {
        for (const { pending } of envelopes) pending.plaintext.fill(0);
      });

    const queued = replies.queued(showId(random(10)));
    const unsealed = new Set(envelopes.filter((_, index) => !sealed[index]).map(({ address }) => address));
    if (unsealed.size > 0 && !onePerRecipient) return this.#answerAll(replies.mailboxUnavailable);
    for (const address of new Set(accepted.map(({ resolved }) => resolved.registered)))
      counts?.count(address, this.#contentLength);
    return accepted.map(({ resolved }) =>
      resolved.keys.length === 0 || unsealed.has(resolved.address) ? replies.mailboxUnavailable : queued,
    );
  }

  /** A key that was revoked while the content arrived gets nothing; one that was registered gets it. */
  #resolveAgain(): void {
    const { recipients } = this.#options;
    const { accepted, version } = this.#transaction;
    if (recipients.version === version) return;
    for (const one of accepted)
      one.resolved = recipients.resolve(one.mailbox) ?? { ...one.resolved, keys: [] };
  }

  /** One envelope per address and key, however often the address was named; as it was spelled first. */
  #envelopes(
    message: WrittenMessage,
    trailerLength: number,
  ): { address: string; pending: PendingEnvelope }[] {
    const summary = this.#summary.summary();
    const receivedAt = this.#options.now();
    const { accepted, preludeLength } = this.#transaction;
    const recipients = new Map<string, Accepted>();
    for (const one of accepted)
      if (!recipients.has(one.resolved.address)) recipients.set(one.resolved.address, one);
    return [...recipients].flatMap(([address, { mailbox, resolved }]) =>
      resolved.keys.map((key) => {
        const { messageKey, leaves, depth, runs } = message;
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
        return { address, pending: { key, plaintext } };
      }),
    );
  }

  #answerAll(reply: Reply): readonly Reply[] {
    return this.#transaction.accepted.map(() => reply);
  }
}

/** The disk's error as a client may see it: no space, or simply later. */
function replyTo(error: unknown): { reply: Reply; code: string } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') return { reply: replies.noSpace, code };
  if (error instanceof LostBlocks) return { reply: replies.localError, code: 'lost-blocks' };
  return { reply: replies.localError, code: code || (error instanceof Error ? error.name : 'unknown') };
}

/** An opaque id for a 250: base32 of random bytes, kept nowhere. */
function showId(random: Uint8Array): string {
  let id = '';
  for (const byte of random) id += 'abcdefghijklmnopqrstuvwxyz234567'[byte & 31];
  return id;
}
