/** Addresses as MAIL and RCPT give them: the values, not the grammar. */

/** local-part@domain (RFC 5321 section 4.1.2). */
export interface Mailbox {
  /** The value of the local part: quotes and escapes are gone, case is as written. */
  readonly localPart: string;
  /** Domain or address literal with its brackets, as written; empty only for postmaster without a domain. */
  readonly domain: string;
  /** One wire form for each value: quoted only where it must be. "local@domain"; "postmaster" without a domain. */
  readonly text: string;
}

/** Whom a message is from; null for the null reverse-path <> of notifications. */
export type ReversePath = Mailbox | null;

/** The parameters of MAIL that were given. */
export interface MailParameters {
  /** SIZE: declared octets of content (RFC 1870). */
  readonly size?: number;
  /** BODY (RFC 6152, RFC 3030). */
  readonly body?: '7BIT' | '8BITMIME' | 'BINARYMIME';
  /** SMTPUTF8: addresses and header may hold UTF-8 (RFC 6531). */
  readonly smtpUtf8?: true;
  /** REQUIRETLS: nobody may pass it on without TLS (RFC 8689). A store passes nothing on. */
  readonly requireTls?: true;
}
