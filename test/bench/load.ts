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
  /** More recipients of each message; our own generator only. */
  readonly alsoTo?: readonly string[];
}

/** What came of it. */
export interface LoadResult {
  /** Replies 250 to the final dot. Any other reply fails the whole load. */
  readonly accepted: number;
  /** Such replies per second. */
  readonly perSecond: number;
  /** The share of one core that the generator itself used, if it says; near 1 it was the limit, not the receiver. */
  readonly generatorShare?: number;
  /** Milliseconds from the final dot to its reply, as percentiles, if the generator says. */
  readonly waits?: { readonly p50: number; readonly p99: number };
}

/**
 * Sends what the plan says. Rejects on any unexpected reply, with the reply in the message. With `settled`, the seconds go on until it resolves.
 */
export type Load = (plan: Plan, settled?: () => Promise<void>) => Promise<LoadResult>;

/** Nothing that is measured takes so long. */
const limits = { timeout: 900_000 };

const generator = join(import.meta.dirname, 'generator.js');

/** Our own generator. */
export const ownLoad: Load = async (plan, settled) => {
  const { stdout } = await runProgram(process.execPath, [generator, JSON.stringify(plan)], limits);
  const result = JSON.parse(stdout) as LoadResult;
  if (!settled) return result;
  const sent = performance.now();
  await settled();
  const seconds = result.accepted / result.perSecond + (performance.now() - sent) / 1000;
  return { ...result, perSecond: result.accepted / seconds };
};

/**
 * The load by smtp-source, or undefined where it is not installed. It counts messages and not seconds, so it runs with
 * more and more messages until a run is long enough; the last run gives the pace. Opening the sessions is part of that.
 */
export function smtpSourceLoad(): Load | undefined {
  const program = findProgram('smtp-source');
  if (program === undefined) return undefined;
  /** What a receiver took in a second when it was loaded like this before. */
  const paces = new Map<string, number>();
  const secondsFor = async (plan: Plan, messages: number, settled?: () => Promise<void>): Promise<number> => {
    const args = ['-s', `${Math.min(plan.sessions, messages)}`, '-m', `${messages}`, '-l', `${plan.size}`];
    if (plan.keep) args.push('-d');
    const start = performance.now();
    // It ends with an error at the first reply it did not expect.
    const envelope = ['-f', plan.from, '-t', plan.to, `127.0.0.1:${plan.port}`];
    await runProgram(program, [...args, ...envelope], limits);
    await settled?.();
    return (performance.now() - start) / 1000;
  };
  return async (plan, settled) => {
    if (plan.alsoTo) throw new Error('smtp-source makes up its own recipients');
    const alike = JSON.stringify([plan.port, plan.sessions, plan.size, plan.keep]);
    const expected = Math.ceil((paces.get(alike) ?? 0) * plan.seconds);
    let messages = Math.min(plan.messages, Math.max(expected, 10 * plan.sessions));
    for (let accepted = messages; ; accepted += messages) {
      const seconds = await secondsFor(plan, messages, settled);
      paces.set(alike, messages / seconds);
      if (seconds >= plan.seconds * 0.7 || accepted >= plan.messages)
        return { accepted, perSecond: messages / seconds };
      const growth = Math.min(10, plan.seconds / seconds);
      messages = Math.min(plan.messages - accepted, Math.ceil(messages * growth));
    }
  };
}
