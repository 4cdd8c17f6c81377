/** Receiving mail the short way: one function a message, its content as an async iterable. */
import type { Mailbox, ReversePath } from './address.js';
import type { Client, Delivery, MailService, Notes } from './mail-service.js';
import { type Reply, replies } from './replies.js';

/** One message while it arrives. */
export interface IncomingMail {
  readonly client: Client;
  /** The name that the client gave at HELO, EHLO or LHLO. */
  readonly hello: string;
  /** null: the null reverse-path of notifications. */
  readonly from: ReversePath;
  /** Accepted recipients, in order; at least one. */
  readonly recipients: readonly Mailbox[];
  /** What policies found out: "policy.key" → value. */
  readonly notes: Notes;
  /**
   * Octets of the content as they come, dots un-stuffed. Each piece is the receiver's own. The client is read no
   * faster than this is. Throws ContentBrokeOff if the true end is never seen: what came before must not be kept.
   */
  readonly content: AsyncIterable<Uint8Array>;
}

/** The content of a message ended before its end. No reply is due: the client is gone, or was refused. */
export class ContentBrokeOff extends Error {
  constructor() {
    super('the content broke off before its end');
  }
}

/**
 * Takes a message. When it resolves the message is safe, and the client gets 250 as soon as its content has ended. A
 * reply that it resolves with is given instead; one that rejects becomes 451. What it leaves unread is read and
 * forgotten.
 */
export type Receive = (mail: IncomingMail) => Promise<Reply | undefined>;

/** Decides about one recipient: a reply refuses it. */
export type Accept = (mailbox: Mailbox, client: Client) => Reply | undefined | Promise<Reply | undefined>;

/** A mail service that gives every message to `receive`. Without `accept` every recipient is accepted. */
export function receiveMail(receive: Receive, accept: Accept = () => undefined): MailService {
  return {
    connect: (connected) => {
      let client = connected;
      let hello = '';
      let from: ReversePath = null;
      let recipients: Mailbox[] = [];
      return {
        hello: (name, now) => {
          hello = name;
          // What TLS protects it may have changed.
          client = now;
          return undefined;
        },
        mail: (path) => {
          from = path;
          recipients = [];
          return undefined;
        },
        recipient: async (mailbox) => {
          const refusal = await accept(mailbox, client);
          if (refusal === undefined) recipients.push(mailbox);
          return refusal;
        },
        content: (notes = {}) => new Handover({ client, hello, from, recipients, notes }, receive),
        reset: () => {},
        close: () => {},
      };
    },
  };
}

/** A delivery whose writer waits until the other side has asked for more. */
class Handover implements Delivery {
  readonly #mail: IncomingMail;
  readonly #received: Promise<Reply | undefined>;
  /** Pieces that were written and not yet taken: at most one, as the writer waits. */
  #piece: Uint8Array | undefined;
  #ended = false;
  #broken = false;
  /** Nobody reads any more: what is written is forgotten. */
  #left = false;
  #wakeWriter = () => {};
  #wakeReader = () => {};

  constructor(mail: Omit<IncomingMail, 'content'>, receive: Receive) {
    this.#mail = { ...mail, content: { [Symbol.asyncIterator]: () => this.#pieces() } };
    this.#received = Promise.resolve().then(() => receive(this.#mail));
    const leave = () => this.#leave();
    this.#received.then(leave, leave);
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#left) return undefined;
    // Not slice: that of a Buffer is a view.
    this.#piece = new Uint8Array(bytes);
    this.#wakeReader();
    return new Promise((done) => {
      this.#wakeWriter = done;
    });
  }

  async commit(): Promise<readonly Reply[]> {
    this.#ended = true;
    this.#wakeReader();
    const reply = (await this.#received) ?? replies.ok;
    return this.#mail.recipients.map(() => reply);
  }

  abort(): void {
    this.#broken = true;
    this.#wakeReader();
  }

  #leave(): void {
    this.#left = true;
    this.#piece = undefined;
    this.#wakeWriter();
  }

  async *#pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        if (this.#piece) {
          const piece = this.#piece;
          this.#piece = undefined;
          yield piece;
          // Asked for more: the one before is done with.
          this.#wakeWriter();
        } else if (this.#broken) throw new ContentBrokeOff();
        else if (this.#ended) return;
        else
          await new Promise<void>((done) => {
            this.#wakeReader = done;
          });
      }
    } finally {
      this.#leave();
    }
  }
}
