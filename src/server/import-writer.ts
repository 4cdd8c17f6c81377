/** Import writer: seals old mail to the keys of one address, by the same parts as new mail (spec/export.md, Bringing mail in). */
import { Problem } from '../core/errors.js';
import { encodeEnvelope } from '../format/envelope.js';
import { envelopeFlags } from '../format/envelope-flags.js';
import { encodePrelude } from '../format/prelude.js';
import type { Mailbox } from '../smtp/address.js';
import type { Answer } from '../smtp/mail-service.js';
import { readPath } from '../smtp/path.js';
import { defaultReserve, type Space } from './disk-reserve.js';
import type { IntakeOptions } from './intake.js';
import { MessageWriter } from './message-writer.js';
import type { Resolved } from './recipients.js';
import { SummaryScanner } from './summary-scanner.js';

/** What is known of an old mail besides its content. */
export interface OldMail {
  /** Milliseconds since 1970, not in the future. */
  readonly receivedAt: number;
  /** Reverse-path without angle brackets; empty where it is null, or not known. */
  readonly from: string;
  /** Whether it was read where it comes from. */
  readonly isSeen: boolean;
  /** `import.KEY` → value: what else is to be remembered of it. */
  readonly notes: Readonly<Record<string, string>>;
}

/** One old mail on its way in. */
export interface Incoming {
  /** As `Delivery.write`. */
  write(bytes: Uint8Array): Answer<void>;
  /** Resolves when the mail is durable. Throws a Problem: then it is not there. */
  commit(): Promise<void>;
  /** Nothing of it remains readable. */
  abort(): void;
}

/** Where old mail of one address is taken in. */
export interface Bringing {
  /** Octets of content that a mail may have. */
  readonly maxSize: number;
  /** Throws a Problem: nobody has a key for the address any more, or the disk is nearly full. */
  begin(mail: OldMail): Promise<Incoming>;
}

export interface ImportOptions
  extends Pick<IntakeOptions, 'lane' | 'recipients' | 'aead' | 'random' | 'now'> {
  readonly maxSize: number;
  /** Octets that stay free; undefined for as many as suit the disk. */
  readonly diskReserve: number | undefined;
  readonly space: () => Space | undefined;
}

/** Throws a Problem if the address is none, or nobody could open its mail. */
export function importWriter(options: ImportOptions, address: string): Bringing {
  const path = readPath(`<${address}>`, 0);
  const mailbox = path?.end === address.length + 2 ? path.mailbox : undefined;
  if (!mailbox || mailbox.localPart === '*')
    throw new Problem('usage', `${JSON.stringify(address)} is no mailbox; write one such as me@example.org`);
  keysOf(options, mailbox);
  return {
    maxSize: options.maxSize,
    async begin(mail) {
      keysOf(options, mailbox);
      mustHaveRoom(options);
      const { lane } = options;
      if (!lane.ready) await lane.begin().catch(rethrow);
      return IncomingMail.begin(options, mailbox, mail);
    },
  };
}

class IncomingMail implements Incoming {
  readonly #summary = new SummaryScanner();
  #contentLength = 0;

  private constructor(
    readonly options: ImportOptions,
    readonly mailbox: Mailbox,
    readonly mail: OldMail,
    readonly writer: MessageWriter,
    readonly preludeLength: number,
  ) {}

  static async begin(options: ImportOptions, mailbox: Mailbox, mail: OldMail): Promise<IncomingMail> {
    const { lane, aead, random } = options;
    const { from, notes } = mail;
    const prelude = encodePrelude({ from, helo: '', client: '', protocol: 'import', tls: '', notes });
    const writer = new MessageWriter(lane, aead, random);
    try {
      await writer.write(prelude);
    } catch (error) {
      writer.close();
      return rethrow(error);
    }
    return new IncomingMail(options, mailbox, mail, writer, prelude.length);
  }

  write(bytes: Uint8Array): Answer<void> {
    this.#contentLength += bytes.length;
    if (this.#contentLength > this.options.maxSize)
      throw new Problem('failure', `larger than the ${this.options.maxSize} octets that are taken`);
    this.#summary.write(bytes);
    return this.writer.write(bytes);
  }

  async commit(): Promise<void> {
    try {
      const { lane } = this.options;
      const message = await this.writer.finish();
      // Asked again: a key may have come or gone while the content came.
      const resolved = keysOf(this.options, this.mailbox);
      const { messageKey, leaves, depth, runs, allRuns } = message;
      const shared = resolved.keys.length > 1 ? envelopeFlags.sharedAddress : 0;
      const seen = this.mail.isSeen ? envelopeFlags.seen : 0;
      const plaintext = encodeEnvelope({
        reached: resolved.reached,
        flags: envelopeFlags.imported | shared | seen,
        depth,
        receivedAt: Math.max(0, Math.min(this.mail.receivedAt, this.options.now())),
        preludeLength: this.preludeLength,
        contentLength: this.#contentLength,
        trailerLength: 0,
        messageKey,
        leaves,
        keySet: resolved.keySet,
        runs,
        recipient: this.mailbox.text,
        summary: this.#summary.summary(),
      });
      const envelopes = resolved.keys.map((key) => ({ key, plaintext: plaintext.slice() }));
      plaintext.fill(0);
      const sealed = await lane.commit(allRuns, envelopes).finally(() => {
        for (const one of envelopes) one.plaintext.fill(0);
      });
      if (sealed.includes(false)) throw new Problem('later', 'a key was revoked meanwhile; try again');
    } catch (error) {
      rethrow(error);
    } finally {
      this.writer.close();
    }
  }

  abort(): void {
    this.writer.close();
  }
}

function keysOf({ recipients }: ImportOptions, mailbox: Mailbox): Resolved {
  const resolved = recipients.resolve(mailbox);
  if (!resolved || resolved.keys.length === 0)
    throw new Problem(
      'missing',
      `${mailbox.text}: no key is registered for this address; register one with: obalka register ${mailbox.text} --key FILE`,
    );
  return resolved;
}

function mustHaveRoom({ space, diskReserve }: ImportOptions): void {
  const now = space();
  if (now !== undefined && now.free < (diskReserve ?? defaultReserve(now)))
    throw new Problem('later', 'the disk of the journal is nearly full; make room, and go on');
}

/** What the disk says, for a person. */
function rethrow(error: unknown): never {
  if (error instanceof Problem) throw error;
  const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
  throw new Problem('later', `the journal cannot be written${code}; mend the disk, and go on`);
}
