/** Offered: which verbs a session has, by its protocol, its listener and its TLS. */
import type { Verb } from './command.js';
import { type Reply, replies } from './replies.js';
import type { SessionSettings } from './settings.js';
import type { Step } from './states.js';

/** What may be said before TLS where TLS is required. */
const beforeTls: ReadonlySet<Step> = new Set<Step>([
  'hello',
  'startTls',
  'xclient',
  'reset',
  'talk',
  'close',
]);

/** The refusal of a verb that this session does not have; *otherProtocol* is the last thing said. */
export function refusalOfVerb(verb: Verb, settings: SessionSettings, secured: boolean): Reply | undefined {
  const { protocol, offersTls, takesXclient } = settings;
  if (verb === 'LHLO') return protocol === 'lmtp' ? undefined : replies.unknownCommand;
  // RFC 2033 section 4.1 recommends 500.
  if (verb === 'HELO' || verb === 'EHLO') return protocol === 'smtp' ? undefined : replies.unknownCommand;
  if (verb === 'XCLIENT') return takesXclient ? undefined : replies.otherProtocol;
  if (verb !== 'STARTTLS') return undefined;
  if (secured) return replies.alreadySecured;
  return offersTls ? undefined : replies.notOffered;
}

/** The refusal of a step that must wait for TLS. */
export function refusalBeforeTls(step: Step, settings: SessionSettings, secured: boolean): Reply | undefined {
  return settings.requiresTls && !secured && !beforeTls.has(step) ? replies.tlsFirst : undefined;
}
