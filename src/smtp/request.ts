/** Requests: from a command to the question it puts to the application, or the reply it gets at once. */

import type { Mailbox } from './address.js';
import type { Command, Verb } from './command.js';
import type { Question } from './events.js';
import { readMailParameters, refuseRecipientParameters } from './parameters.js';
import { readPath } from './path.js';
import { Reply, replies } from './replies.js';
import type { SessionLimits } from './settings.js';
import type { Step } from './states.js';
import { readXclient } from './xclient.js';

/** The step of the state table that a verb asks for. */
export const stepOf: Record<Verb, Step> = {
  HELO: 'hello',
  EHLO: 'hello',
  MAIL: 'mail',
  RCPT: 'recipient',
  DATA: 'content',
  RSET: 'reset',
  NOOP: 'talk',
  HELP: 'talk',
  VRFY: 'talk',
  QUIT: 'close',
  LHLO: 'hello',
  BDAT: 'chunk',
  STARTTLS: 'startTls',
  XCLIENT: 'xclient',
  'not offered': 'talk',
  'other protocol': 'close',
  unknown: 'talk',
};

/** The step that an accepted question takes. */
export const stepOfQuestion: Record<Question['type'], Step> = {
  connect: 'greet',
  hello: 'hello',
  startTls: 'startTls',
  xclient: 'xclient',
  mail: 'mail',
  recipient: 'recipient',
  content: 'content',
  end: 'finish',
};

/**
 * A domain, an address literal, or what real clients put in their place (underscores). Nothing in it can end a
 * comment, a line or an argument wherever the name is written down later.
 */
const helloName = /^[A-Za-z0-9_.:[\]-]{1,255}$/;

/** What of the session decides how arguments are read. */
export interface Given {
  readonly secured: boolean;
  /** The open transaction's MAIL had SMTPUTF8, and BODY=BINARYMIME. */
  readonly smtpUtf8: boolean;
  readonly binary: boolean;
}

/** Checks the arguments (RFC 5321 section 4.1.1). A reply that is not positive is the client's error. */
export function readRequest(command: Command, limits: SessionLimits, given: Given): Question | Reply {
  const { verb, text } = command;
  switch (verb) {
    case 'HELO':
    case 'EHLO':
    case 'LHLO':
      if (!helloName.test(text)) return replies.badArguments;
      return { type: 'hello', name: text, extended: verb !== 'HELO' };
    case 'STARTTLS':
      return text === '' ? { type: 'startTls' } : replies.badArguments;
    case 'XCLIENT':
      return readXclient(text) ?? replies.badArguments;
    case 'MAIL':
      return readMail(text, limits, given);
    case 'RCPT':
      return readRecipient(text, given);
    case 'DATA':
      if (given.binary) return replies.binaryNeedsChunks;
      return text === '' ? { type: 'content' } : replies.badArguments;
    case 'RSET':
      return text === '' ? replies.ok : replies.badArguments;
    case 'QUIT':
      return text === '' ? replies.bye : replies.badArguments;
    case 'NOOP':
      return replies.ok;
    case 'HELP':
      return replies.help;
    case 'VRFY':
      return replies.cannotVerify;
    // Its octets come first: the session deals with it.
    case 'BDAT':
    case 'not offered':
      return replies.notOffered;
    case 'other protocol':
      return replies.otherProtocol;
    case 'unknown':
      return replies.unknownCommand;
  }
}

function readMail(text: string, limits: SessionLimits, given: Given): Question | Reply {
  if (!/^FROM:/i.test(text)) return replies.badArguments;
  const path = readPath(text, 5);
  if (path === undefined || path.mailbox?.domain === '') return replies.badReversePath;
  const parameters = readMailParameters(text.slice(path.end), limits.content, given.secured);
  if (parameters instanceof Reply) return parameters;
  if (!parameters.smtpUtf8 && !isAscii(path.mailbox)) return replies.notAscii;
  return { type: 'mail', from: path.mailbox, parameters };
}

function readRecipient(text: string, given: Given): Question | Reply {
  if (!/^TO:/i.test(text)) return replies.badArguments;
  const path = readPath(text, 3);
  if (path === undefined || path.mailbox === null) return replies.badRecipient;
  if (!given.smtpUtf8 && !isAscii(path.mailbox)) return replies.notAscii;
  return refuseRecipientParameters(text.slice(path.end)) ?? { type: 'recipient', mailbox: path.mailbox };
}

function isAscii(mailbox: Mailbox | null): boolean {
  return mailbox === null || Buffer.byteLength(mailbox.text, 'utf8') === mailbox.text.length;
}
