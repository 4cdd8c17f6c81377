/** What every mail client in this folder can do: hand one message to a server on this machine. */

/** A message and where it goes. */
export interface Mail {
  /** On 127.0.0.1. */
  readonly port: number;
  /** The reverse-path without angle brackets; empty for the null reverse-path. */
  readonly from: string;
  readonly to: readonly string[];
  /** Un-stuffed, lines end in CRLF, the last one too: SMTP can carry nothing else. */
  readonly content: Uint8Array;
  /** How the connection is protected, and must be: by STARTTLS, from its beginning, or not at all. Certificates are not checked. */
  readonly tls?: 'starttls' | 'implicit';
}

/** What the client made of it. */
export interface Delivered {
  /** Whether the server took the content for every recipient. */
  readonly accepted: boolean;
  /** What the client had to say, for a failing test to show. */
  readonly output: string;
}

/** A client that people use. */
export interface MailClient {
  readonly name: string;
  /** Why it cannot run here, or undefined. */
  missing(): string | undefined;
  /** Never rejects for what the server answers. Throws RangeError for content that does not end in CRLF. */
  deliver(mail: Mail): Promise<Delivered>;
}

/** Throws unless SMTP can carry the content as it is. */
export function requireCrlfAtEnd(content: Uint8Array): void {
  if (content.at(-2) !== 0x0d || content.at(-1) !== 0x0a)
    throw new RangeError('content must end in CRLF; a client would add it');
}
