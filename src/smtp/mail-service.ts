/** The whole contract between the mail protocols and an application: what is asked of it, when, and what an answer means. */
import type { Mailbox, MailParameters, ReversePath } from './address.js';
import type { Reply } from './replies.js';

/** A value now or later. A promise asks the caller to wait; until it settles no more is read from the client. */
export type Answer<T> = T | Promise<T>;

/** What is known of the other end of a connection. */
export interface Client {
  readonly protocol: 'smtp' | 'lmtp';
  readonly transport: 'tcp' | 'unix' | 'stdio';
  /** IP address as text; empty for unix sockets and stdio. */
  readonly address: string;
  readonly port: number;
  /** What TLS protects the connection now; absent in plaintext. */
  readonly tls?: { readonly protocol: string; readonly cipher: string };
}

/** An application that takes mail. One value serves all connections. */
export interface MailService {
  /**
   * A connection stands; nothing was sent yet. A reply (554, 421) refuses it and closes. Called again, after `close` of
   * the session before, if a trusted program says by XCLIENT who the client is.
   */
  connect(client: Client): Answer<MailSession | Reply>;
}

/**
 * The application's side of one connection. A method that returns nothing accepts; one that returns a reply refuses
 * with it. A method that throws costs the client a 451 and nothing else.
 */
export interface MailSession {
  /** HELO, EHLO or LHLO with the name the client gave. */
  hello(name: string, client: Client): Answer<Reply | undefined>;
  /** MAIL: a transaction begins. Grammar, SIZE and BODY have been checked. */
  mail(from: ReversePath, parameters: MailParameters): Answer<Reply | undefined>;
  /** RCPT: once for each recipient, in order. One that is refused does not belong to the transaction. */
  recipient(mailbox: Mailbox): Answer<Reply | undefined>;
  /**
   * DATA or BDAT, with at least one accepted recipient. From here on the delivery owns the transaction. `notes` are what
   * policies found out, each under the policy's name.
   */
  content(notes?: Notes): Answer<Delivery | Reply>;
  /** The transaction is over without content: RSET, a new hello, or a refused DATA. Not called after a delivery began. */
  reset(): void;
  /** The connection is gone. Called once, last. An unfinished delivery was aborted before. */
  close(): void;
}

/** Short texts about a transaction: "policy.key" → value. */
export type Notes = Readonly<Record<string, string>>;

/** One message on its way in. */
export interface Delivery {
  /** The next bytes of content, un-stuffed. They are only borrowed: copy what is needed beyond the call (or the promise). */
  write(bytes: Uint8Array): Answer<void>;
  /** Whether `write` needs the bytes during the call only, also where it answers with a promise. It spares a copy. */
  readonly copiesAtOnce?: boolean;
  /**
   * The true end was seen and nothing was wrong with the content. Resolves when the message is safe, or not to be had:
   * one reply for each accepted recipient, in order. Over SMTP all of them are one and the same.
   */
  commit(): Answer<readonly Reply[]>;
  /** The content broke off, or was refused by the engine (bare CR or LF, too large). Nothing of it may remain readable. */
  abort(): void;
}
