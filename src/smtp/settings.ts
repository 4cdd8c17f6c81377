/** Settings: what is the same for all sessions of a server. */

import { type Reply, replies } from './replies.js';
import { xclientExtension } from './xclient.js';

/** Bounds of one session; spec/smtp.md argues the defaults. */
export interface SessionLimits {
  /** Octets of a command line with its CRLF. */
  readonly commandLine: number;
  /** Octets of a content's header, with its empty line. */
  readonly header: number;
  /** Fields named Received in a content's header. */
  readonly hops: number;
  /** MAIL commands of one session, refused ones too; one more ends it with 421. Said in EHLO as MAILMAX. */
  readonly mails: number;
  /** Commands that move no mail (NOOP, RSET, VRFY, HELP, hellos, empty chunks) since the last accepted one. */
  readonly talk: number;
  /** Octets of a message's content, un-stuffed. Said in EHLO as SIZE. */
  readonly content: number;
  /** RCPT commands of one transaction, refused ones too; more get 452. Said in EHLO as RCPTMAX. */
  readonly recipients: number;
  /** Refused recipients of one session; at the last one it ends with 421. */
  readonly refusedRecipients: number;
  /** Faulty, unknown or misplaced commands of one session; at the last one it ends with 421. */
  readonly errors: number;
}

export const defaultSessionLimits: SessionLimits = {
  commandLine: 1024,
  header: 2 * 1024 * 1024,
  hops: 100,
  mails: 100_000,
  talk: 1_000_000,
  content: 128 * 1024 * 1024,
  recipients: 1000,
  refusedRecipients: 1000,
  errors: 50,
};

export interface SessionSettings {
  readonly limits: SessionLimits;
  readonly protocol: 'smtp' | 'lmtp';
  readonly greeting: Reply;
  /** Answers to HELO, and to EHLO or LHLO, in plaintext and inside TLS. */
  readonly helo: Reply;
  readonly ehlo: Reply;
  readonly securedEhlo: Reply;
  readonly offersTls: boolean;
  /** Whether mail is taken inside TLS only. */
  readonly requiresTls: boolean;
  /** Whether the other side may say by XCLIENT who the client is. */
  readonly takesXclient: boolean;
  /** Told of the code of each reply, when it is put among those to be sent. */
  readonly onReply?: (code: number) => void;
}

/** How the sessions of one listener differ from those of others. */
export interface SessionKind {
  readonly protocol: 'smtp' | 'lmtp';
  readonly offersTls: boolean;
  readonly requiresTls: boolean;
  readonly takesXclient: boolean;
}

const plainSmtp: SessionKind = {
  protocol: 'smtp',
  offersTls: false,
  requiresTls: false,
  takesXclient: false,
};

/** Settings of a server that calls itself `hostname`. */
export function sessionSettings(
  hostname: string,
  limits: Partial<SessionLimits> = {},
  kind: SessionKind = plainSmtp,
): SessionSettings {
  const all = { ...defaultSessionLimits, ...limits };
  const extensions = [
    ...['PIPELINING', '8BITMIME', `SIZE ${all.content}`, 'CHUNKING', 'BINARYMIME', 'SMTPUTF8'],
    ...[`LIMITS MAILMAX=${all.mails} RCPTMAX=${all.recipients}`, 'ENHANCEDSTATUSCODES'],
  ];
  if (kind.takesXclient) extensions.push(xclientExtension);
  return {
    ...kind,
    limits: all,
    greeting: replies.greeting(hostname),
    helo: replies.hello(hostname),
    ehlo: replies.hello(hostname, ...extensions, ...(kind.offersTls ? ['STARTTLS'] : [])),
    securedEhlo: replies.hello(hostname, ...extensions, 'REQUIRETLS'),
  };
}
