/** Events: what a session tells the application. */
import type { Mailbox, MailParameters, ReversePath } from './address.js';

/** A question: nothing more happens until it is answered, yes or with a reply. */
export type Question =
  /** A connection stands: greet, or refuse and close. */
  | { readonly type: 'connect' }
  /** EHLO or LHLO (extended), or HELO. */
  | { readonly type: 'hello'; readonly name: string; readonly extended: boolean }
  /** STARTTLS: what the client sends next is a handshake, and `secured` must be called when it is done. */
  | { readonly type: 'startTls' }
  /** XCLIENT: who the client is, as the program in between says. The session begins again with `connect`. */
  | { readonly type: 'xclient'; readonly address: string; readonly port: number }
  /** MAIL. */
  | { readonly type: 'mail'; readonly from: ReversePath; readonly parameters: MailParameters }
  /** RCPT. */
  | { readonly type: 'recipient'; readonly mailbox: Mailbox }
  /** DATA, with at least one accepted recipient. */
  | { readonly type: 'content' }
  /** The content's true end was seen, and nothing was wrong with it. */
  | { readonly type: 'end' };

export type Event =
  | Question
  /** The next octets of the content: as a rule a view of what was received. */
  | { readonly type: 'chunk'; readonly bytes: Uint8Array }
  /** The content broke off, or the session refuses it; neither a chunk nor its end will follow. */
  | { readonly type: 'abort' }
  /** The transaction is over without content. */
  | { readonly type: 'reset' };
