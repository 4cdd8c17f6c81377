/** Replies: what a server may say to a client, and the one table of everything this server says. */

/** A reply (RFC 5321 section 4.2). A value: two with the same parts mean the same. */
export class Reply {
  readonly code: number;
  /** Enhanced status code "class.subject.detail" (RFC 3463), where one belongs. */
  readonly enhanced: string | undefined;
  readonly lines: readonly string[];
  #bytes: Uint8Array | undefined;

  /** Throws a RangeError for a code that no client could make sense of. */
  constructor(code: number, enhanced: string | undefined, ...lines: readonly string[]) {
    if (!Number.isInteger(code) || code < 200 || code > 599 || lines.length === 0)
      throw new RangeError(`a reply has a code from 200 to 599, and at least one line; not ${code}`);
    this.code = code;
    this.enhanced = enhanced;
    this.lines = lines.map(printable);
  }

  /** Whether the client reads it as yes (2yz, 3yz). */
  get positive(): boolean {
    return this.code < 400;
  }

  /** Whether it says that trying again is of no use (5yz). */
  get permanent(): boolean {
    return this.code >= 500;
  }

  /** As it goes over the wire, each line with its CRLF. */
  get bytes(): Uint8Array {
    if (this.#bytes === undefined) {
      const status = this.enhanced === undefined ? '' : `${this.enhanced} `;
      const last = this.lines.length - 1;
      const text = this.lines.map((line, i) => `${this.code}${i === last ? ' ' : '-'}${status}${line}\r\n`);
      this.#bytes = Buffer.from(text.join(''), 'latin1');
    }
    return this.#bytes;
  }
}

/** Every octet outside 0x20 to 0x7e becomes "?": what a client sent can never end a line of ours or steer a terminal. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}

/** The reply table. Texts are the same whoever asks: a reply tells nothing beyond its code. */
export const replies = {
  // RFC 5321 section 4.3.1: greeting; 4.1.1.1: hello. RFC 2034: neither has an enhanced code.
  greeting: (hostname: string) => new Reply(220, undefined, `${hostname} ESMTP`),
  hello: (hostname: string, ...extensions: readonly string[]) =>
    new Reply(250, undefined, hostname, ...extensions),

  // Section 4.2.3: positive replies.
  help: new Reply(214, '2.0.0', 'HELO EHLO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT, see RFC 5321'),
  bye: new Reply(221, '2.0.0', 'Bye'),
  ok: new Reply(250, '2.0.0', 'Ok'),
  reversePathOk: new Reply(250, '2.1.0', 'Ok'),
  recipientOk: new Reply(250, '2.1.5', 'Ok'),
  queued: (id: string) => new Reply(250, '2.0.0', `Ok: ${id}`),
  // Section 3.5.3: the same for every address.
  cannotVerify: new Reply(252, '2.0.0', 'Cannot verify, send some mail and see'),
  // RFC 3207 section 4.
  readyForTls: new Reply(220, '2.0.0', 'Begin TLS'),
  // Section 4.1.1.4; RFC 2034: 3yz replies have no enhanced code.
  sendContent: new Reply(354, undefined, 'Send content, end with <CRLF>.<CRLF>'),

  // Section 4.2.2: syntax.
  badLineEnd: new Reply(500, '5.5.2', 'Lines end with CRLF, and have no other CR or LF'),
  lineTooLong: new Reply(500, '5.5.2', 'Line too long'),
  badOctets: new Reply(500, '5.5.2', 'Commands are printable ASCII'),
  unknownCommand: new Reply(500, '5.5.1', 'Command unknown'),
  badArguments: new Reply(501, '5.5.4', 'Bad arguments'),
  badReversePath: new Reply(501, '5.1.7', 'Bad reverse-path: syntax or length'),
  badRecipient: new Reply(501, '5.1.3', 'Bad recipient: syntax or length'),
  notOffered: new Reply(502, '5.5.1', 'Command not offered'),
  // RFC 3463 section 3.8: what an administrator has decided; section 3.7: what is wrong with the content.
  clientRefused: new Reply(554, '5.7.1', 'This client is refused here'),
  reversePathRefused: new Reply(550, '5.7.1', 'This reverse-path is refused here'),
  badHeader: new Reply(550, '5.6.0', 'The header of this message is not one'),
  // Section 4.1.4: order of commands.
  helloFirst: new Reply(503, '5.5.1', 'Say hello first'),
  mailFirst: new Reply(503, '5.5.1', 'MAIL first'),
  mailAlready: new Reply(503, '5.5.1', 'MAIL was already given'),
  notInTransaction: new Reply(503, '5.5.1', 'Not in a transaction'),
  // RFC 3207 section 4; RFC 8314 and others give 5.7.0 to what needs protection first.
  alreadySecured: new Reply(503, '5.5.1', 'TLS is there already'),
  tlsFirst: new Reply(530, '5.7.0', 'STARTTLS first'),
  tlsNotAvailable: new Reply(454, '4.7.0', 'TLS not available for now'),
  // RFC 3030 sections 2 and 3.
  chunksBegun: new Reply(503, '5.5.1', 'BDAT was begun'),
  binaryNeedsChunks: new Reply(503, '5.5.1', 'BINARYMIME needs BDAT'),
  // RFC 6531 section 3.5.
  notAscii: new Reply(553, '5.6.7', 'SMTPUTF8 was not asked for'),
  // RFC 5321 section 4.1.1.11.
  unknownParameter: new Reply(555, '5.5.4', 'Parameter not offered'),

  // Recipients: RFC 5321 sections 4.5.3.1.10 and 3.6.
  noSuchRecipient: new Reply(550, '5.1.1', 'No such recipient here'),
  // RFC 3463 section 3.3: 4.2.1 is a mailbox that takes nothing for now; RFC 5321 section 4.2.3: 450 for policy reasons.
  mailboxBusy: new Reply(450, '4.2.1', 'Mailbox has had too much mail for now, try again later'),
  mailboxUnavailable: new Reply(451, '4.2.1', 'Mailbox cannot take mail for now'),
  tooManyRecipients: new Reply(452, '4.5.3', 'Too many recipients'),
  noRecipients: new Reply(503, '5.5.1', 'No valid recipients'),

  // Content: RFC 1870 section 6; RFC 3463 and its registry for 5.6.11 (bare CR or LF).
  tooLarge: new Reply(552, '5.3.4', 'Message too large'),
  bareLineEnd: new Reply(550, '5.6.11', 'Content has a bare CR or LF'),
  headerTooLarge: new Reply(552, '5.3.4', 'Header too large'),
  // RFC 5321 section 6.3, RFC 3463.
  tooManyHops: new Reply(554, '5.4.6', 'Too many hops'),

  // The server itself: RFC 5321 sections 3.8 and 4.5.3.2.
  localError: new Reply(451, '4.3.0', 'Local error, try again later'),
  noSpace: new Reply(452, '4.3.1', 'No space, try again later'),
  notAvailable: new Reply(421, '4.3.0', 'Service not available, try again later'),
  shuttingDown: new Reply(421, '4.3.2', 'Shutting down'),
  timeOut: new Reply(421, '4.4.2', 'Waited too long'),
  tooManyConnections: new Reply(421, '4.7.0', 'Too many connections'),
  tooManyErrors: new Reply(421, '4.7.0', 'Too many errors'),
  tooManyMails: new Reply(421, '4.5.3', 'Too many messages in one session'),
  tooMuchTalk: new Reply(421, '4.7.0', 'Too many commands without mail'),
  // Where it ends cannot be known, so nothing behind it may run as a command.
  unreadableChunk: new Reply(421, '4.5.4', 'BDAT without a size'),
  earlyTalker: new Reply(421, '4.7.0', 'Wait for the greeting'),
  otherProtocol: new Reply(421, '4.7.0', 'This is SMTP'),
};
