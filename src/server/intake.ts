/** Intake: the mail service that seals what it is given. One session per connection, one delivery per message. */
import { encodePrelude } from '../format/prelude.js';
import type { Aead } from '../seal/aead.js';
import type { Mailbox, MailParameters, ReversePath } from '../smtp/address.js';
import type { Answer, Client, Delivery, MailService, MailSession, Notes } from '../smtp/mail-service.js';
import { type Reply, replies } from '../smtp/replies.js';
import { AcceptedRecipients, RecipientRoom } from './accepted.js';
import { MessageWriter } from './message-writer.js';
import { RememberedRecipients } from './remembered-recipients.js';
import { type DeliveryOptions, replyTo, SealedDelivery } from './sealed-delivery.js';

export interface IntakeOptions extends DeliveryOptions {
  readonly aead: Aead;
  /** How many recipients beyond a hundred each all transactions may hold at a time; 50 000 if absent. */
  readonly recipientRoom?: number | undefined;
}

/** The mail service of a server that keeps a journal. */
export function intake(options: IntakeOptions): MailService {
  const room = new RecipientRoom(options.recipientRoom);
  return { connect: (client) => new IntakeSession(options, room, client) };
}

class IntakeSession implements MailSession {
  readonly #options: IntakeOptions;
  readonly #room: RecipientRoom;
  #client: Client;
  #helo = '';
  #from: ReversePath = null;
  #accepted: AcceptedRecipients;
  #version = 0;
  readonly #remembered: RememberedRecipients;

  constructor(options: IntakeOptions, room: RecipientRoom, client: Client) {
    this.#options = options;
    this.#room = room;
    this.#client = client;
    this.#accepted = new AcceptedRecipients(room);
    this.#remembered = new RememberedRecipients(options.recipients, options.now);
  }

  hello(name: string, client: Client): undefined {
    this.#helo = name;
    this.#client = client;
  }

  mail(from: ReversePath, _parameters: MailParameters): undefined {
    this.reset();
    this.#from = from;
    this.#version = this.#options.recipients.version;
  }

  recipient(mailbox: Mailbox): Answer<Reply | undefined> {
    const { lane } = this.#options;
    const resolved = this.#remembered.resolve(mailbox);
    if (!resolved) return replies.noSuchRecipient;
    const besides = this.#accepted.besides(resolved);
    if (this.#options.counts?.allows(resolved.registered, besides) === false) return replies.mailboxBusy;
    const accept = () => this.#accepted.add(mailbox, resolved);
    // The segment is begun here, so that the disk refuses before the content comes and not after.
    return lane.ready ? accept() : lane.begin().then(accept, (error) => this.#refuse(error));
  }

  content(notes: Notes = {}): Answer<Delivery | Reply> {
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
    // They are the delivery's now.
    this.#accepted = new AcceptedRecipients(this.#room);
    this.#from = null;
    const written = writer.write(prelude);
    if (written === undefined) return delivery;
    return written.then(
      () => delivery,
      (error: unknown) => {
        delivery.abort();
        return this.#refuse(error);
      },
    );
  }

  reset(): void {
    this.#accepted.release();
    this.#accepted = new AcceptedRecipients(this.#room);
    this.#from = null;
  }

  close(): void {
    this.reset();
  }

  #refuse(error: unknown): Reply {
    const { reply, trouble } = replyTo(error);
    this.#options.onTrouble(trouble);
    return reply;
  }
}
