/** Interpreting: what one command leads to, in this state of the session and at this point of its limits. */
import type { Command } from './command.js';
import type { Question } from './events.js';
import { refusalBeforeTls, refusalOfVerb } from './offered.js';
import { Reply, replies } from './replies.js';
import { readRequest, stepOf } from './request.js';
import type { SessionSettings } from './settings.js';
import { type State, type Step, table } from './states.js';
import type { Tally } from './tally.js';
import type { Transaction } from './transaction.js';

/** What a command is looked at in. */
export interface Standing {
  readonly settings: SessionSettings;
  readonly state: State;
  readonly secured: boolean;
  readonly tally: Tally;
  readonly transaction: Transaction;
}

/** The client's fault; a question to the application; or a reply that is given at once, with the step it stands for. */
export type Outcome =
  | { readonly fault: Reply }
  | { readonly question: Question }
  | { readonly reply: Reply; readonly step: Step };

/** Every command but BDAT, whose octets come first. */
export function interpret(command: Command, standing: Standing): Outcome {
  const { settings, secured, tally, transaction } = standing;
  const step = stepOf[command.verb];
  const fault =
    refusalOfVerb(command.verb, settings, secured) ?? misplaced(step, standing) ?? tally.command(step);
  if (fault !== undefined) return { fault };
  const { smtpUtf8, binary } = transaction;
  const request = readRequest(command, settings.limits, { secured, smtpUtf8, binary });
  if (request instanceof Reply) return request.positive ? { reply: request, step } : { fault: request };
  if (request.type !== 'recipient' || transaction.named < settings.limits.recipients)
    return { question: request };
  const last = tally.talk();
  return last === undefined ? { reply: replies.tooManyRecipients, step: 'talk' } : { fault: last };
}

/** Why a step may not be taken now. */
export function misplaced(step: Step, { settings, state, secured }: Standing): Reply | undefined {
  const to = table[state][step];
  return refusalBeforeTls(step, settings, secured) ?? (to instanceof Reply ? to : undefined);
}
