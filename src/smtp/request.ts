/** Requests: from a command to the question it puts to the application, or the reply it gets at once. */
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
  STARTTLS: 'startTls',
  XCLIENT: 'xclient',
  'not offered': 'talk',
  'other protocol': 'close',
  unknown: 'talk',
};

/**
 * A domain, an address literal, or what real clients put in their place (underscores). Nothing in it can end a
 * comment, a line or an argument wherever the name is written down later.
 */
const helloName = /^[A-Za-z0-9_.:[\]-]{1,255}$/;

/** Checks the arguments (RFC 5321 section 4.1.1). A reply that is not positive is the client's error. */
export function readRequest(command: Command, limits: SessionLimits): Question | Reply {
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
      return readMail(text, limits);
    case 'RCPT':
      return readRecipient(text);
    case 'DATA':
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
    case 'not offered':
      return replies.notOffered;
    case 'other protocol':
      return replies.otherProtocol;
    case 'unknown':
      return replies.unknownCommand;
  }
}

function readMail(text: string, limits: SessionLimits): Question | Reply {
  if (!/^FROM:/i.test(text)) return replies.badArguments;
  const path = readPath(text, 5);
  if (path === undefined || path.mailbox?.domain === '') return replies.badReversePath;
  const parameters = readMailParameters(text.slice(path.end), limits.content);
  return parameters instanceof Reply ? parameters : { type: 'mail', from: path.mailbox, parameters };
}

function readRecipient(text: string): Question | Reply {
  if (!/^TO:/i.test(text)) return replies.badArguments;
  const path = readPath(text, 3);
  if (path === undefined || path.mailbox === null) return replies.badRecipient;
  return refuseRecipientParameters(text.slice(path.end)) ?? { type: 'recipient', mailbox: path.mailbox };
}
