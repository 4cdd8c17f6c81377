/** Policy: what may look at mail on its way in and say no, before the application is asked, or while content streams. */
import type { Mailbox, MailParameters, ReversePath } from './address.js';
import type { Answer, Client, Delivery, Notes } from './mail-service.js';
import type { Reply } from './replies.js';

/** One policy. One value serves all connections. */
export interface Policy {
  /** Letters, digits and hyphens: what it notes begins with it. */
  readonly name: string;
  /** A connection stands. A reply refuses it; nothing means that this policy has no interest in it. */
  connect(client: Client): Answer<PolicySession | Reply | undefined>;
}

/**
 * One policy's side of one connection; it may keep what it likes in itself. Whatever is missing accepts, and so does
 * nothing as an answer; a reply refuses. One that throws, or does not answer in time, costs the client a 451 and nothing
 * else.
 */
export interface PolicySession {
  hello?(name: string, client: Client): Answer<Reply | undefined>;
  mail?(from: ReversePath, parameters: MailParameters): Answer<Reply | undefined>;
  recipient?(mailbox: Mailbox): Answer<Reply | undefined>;
  /** What it found out about this transaction, for the sealed prelude. Asked just before content comes. */
  notes?(): Notes;
  /**
   * Content is about to come. A delivery that it gives back stands before `next`: it sees the content as it streams and
   * at its end, may change it, and hands on to `next` what it does not refuse.
   */
  content?(next: Delivery): Answer<Delivery | Reply | undefined>;
  /** The transaction is over without content. */
  reset?(): void;
  /** The connection is gone. Called once, last. */
  close?(): void;
}
