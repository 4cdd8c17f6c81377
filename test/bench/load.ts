/** Loads a server: with our own generator, or with Postfix's smtp-source. Both run as processes of their own. */
import { join } from 'node:path';
import { findProgram } from '../peers/program.js';
import { runProgram } from './child.js';

/** What to send. It ends when `messages` were started or `seconds` are over, whichever comes first. */
export interface Plan {
  /** On 127.0.0.1. */
  readonly port: number;
  /** How many at a time. */
  readonly sessions: number;
  /** Bytes of content. */
  readonly size: number;
  readonly messages: number;
  readonly seconds: number;
  /** Whether a session carries many messages or one. */
  readonly keep: boolean;
  /** MAIL, RCPT and DATA in one segment; our own generator only. */
  readonly pipelining: boolean;
  readonly from: string;
  readonly to: string;
}

/** What came of it. */
export interface LoadResult {
  /** Replies 250 to the final dot. Any other reply fails the whole load. */
  readonly accepted: number;
  /** Such replies per second. */
  readonly perSecond: number;
  /** The share of one core that the generator itself used, if it says; near 1 it was the limit, not the receiver. */
  readonly generatorShare?: number;
}

/** Sends what the plan says. Rejects on any unexpected reply, with the reply in the message. */
export type Load = (plan: Plan) => Promise<LoadResult>;

const generator = join(import.meta.dirname, 'generator.js');

/** Our own generator. */
export const ownLoad: Load = async (plan) => {
  const { stdout } = await runProgram(process.execPath, [generator, JSON.stringify(plan)]);
  return JSON.parse(stdout) as LoadResult;
};

/**
 * The load by smtp-source, or undefined where it is not installed. It counts messages and not seconds, so it runs with
 * more and more messages until a run is long enough; the last run gives the pace. Opening the sessions is part of that.
 */
export function smtpSourceLoad(): Load | undefined {
  const program = findProgram('smtp-source');
  if (program === undefined) return undefined;
  const secondsFor = async (plan: Plan, messages: number): Promise<number> => {
    const args = ['-s', `${Math.min(plan.sessions, messages)}`, '-m', `${messages}`, '-l', `${plan.size}`];
    if (plan.keep) args.push('-d');
    const start = performance.now();
    // It ends with an error at the first reply it did not expect.
    await runProgram(program, [...args, '-f', plan.from, '-t', plan.to, `127.0.0.1:${plan.port}`]);
    return (performance.now() - start) / 1000;
  };
  return async (plan) => {
    let messages = Math.min(plan.messages, 10 * plan.sessions);
    for (let accepted = messages; ; accepted += messages) {
      const seconds = await secondsFor(plan, messages);
      if (seconds >= plan.seconds * 0.7 || accepted >= plan.messages)
        return { accepted, perSecond: messages / seconds };
      const growth = Math.min(10, plan.seconds / seconds);
      messages = Math.min(plan.messages - accepted, Math.ceil(messages * growth));
    }
  };
}
