/** Worker channel: what a server's first process and a worker say to each other, and nothing else. */
import type { ChildProcess } from 'node:child_process';
import { Problem, type ProblemKind } from '../../core/errors.js';
import type { ErasedEnvelope } from '../../journal/segment-writer.js';
import type { ServerCertificate } from '../../net/certificates.js';
import type { NetworkEvent } from '../../net/limits.js';
import type { ListenAddress } from '../../net/listener.js';
import type { CountsSoFar } from '../../server/address-limits.js';
import type { ChangeOfKeys } from '../../server/change-of-keys.js';
import type { OldMail } from '../../server/import-writer.js';
import type { EventCode } from '../log/events.js';
import type { Fields } from '../log/fields.js';
import type { Trouble } from '../log/log.js';
import type { Counted, RereadableWords, ServingWords } from './worker.js';

/** All that a worker must be told to begin. */
export interface WorkerPlan {
  readonly journal: Uint8Array;
  readonly lane: Uint8Array;
  /** Descriptors that it inherited, and what is spoken there. */
  readonly listen: readonly ListenAddress[];
  readonly words: ServingWords;
  readonly certificates: readonly ServerCertificate[] | undefined;
  readonly workers: number;
  /** Whether it is the one that says what all of them would say alike. */
  readonly speaks: boolean;
  readonly had: CountsSoFar | undefined;
}

/** What the first process asks; each has one answer. Questions are answered once the worker has begun. */
export type Question =
  | { readonly ask: 'begin'; readonly plan: WorkerPlan }
  | { readonly ask: 'changed' }
  | { readonly ask: 'opened' | 'dropped'; readonly keys: readonly Uint8Array[] }
  | { readonly ask: 'tell'; readonly changes: readonly ChangeOfKeys[] }
  | { readonly ask: 'open' }
  | { readonly ask: 'erase'; readonly segment: number; readonly cells: readonly ErasedEnvelope[] }
  /** Old mail of an address: what is taken, and then mail by mail, under a number of the asker's. */
  | { readonly ask: 'bring'; readonly address: string }
  | { readonly ask: 'bringMail'; readonly mail: number; readonly address: string; readonly known: OldMail }
  | { readonly ask: 'bringContent'; readonly mail: number; readonly octets: Uint8Array }
  | { readonly ask: 'bringEnd'; readonly mail: number; readonly isWhole: boolean }
  | { readonly ask: 'soFar' }
  | { readonly ask: 'reload'; readonly words: RereadableWords }
  | { readonly ask: 'look' }
  | { readonly ask: 'stop'; readonly within: number }
  | { readonly ask: 'close' };

/** What the first process says without an answer. */
export type Word =
  | { readonly word: 'certificates'; readonly pairs: readonly ServerCertificate[] }
  | { readonly word: 'counted'; readonly mails: readonly Counted[] };

/** What a worker says by itself. */
export type News =
  /** It holds its lock, and has written nothing. */
  | { readonly news: 'locked' }
  | { readonly news: 'said'; readonly code: EventCode; readonly fields: Fields | undefined }
  | { readonly news: 'event'; readonly event: NetworkEvent; readonly times: number }
  | { readonly news: 'trouble'; readonly trouble: Trouble }
  | { readonly news: 'segment'; readonly segment: number }
  | { readonly news: 'counted'; readonly mails: readonly Counted[] };

/** An answer, or why there is none. */
export type Answer =
  | { readonly answers: number; readonly value: unknown }
  | { readonly answers: number; readonly fault: Fault };

interface Fault {
  readonly kind: ProblemKind | undefined;
  readonly message: string;
  readonly code: string | undefined;
}

export type ToWorker = (Question & { readonly number: number }) | Word;
export type FromWorker = Answer | News;

/** An error as it can be sent. */
export function faultOf(error: unknown): Fault {
  const kind = error instanceof Problem ? error.kind : undefined;
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  return { kind, message: error instanceof Error ? error.message : String(error), code };
}

/** The error that was sent. */
export function errorOf({ kind, message, code }: Fault): Error {
  if (kind !== undefined) return new Problem(kind, message);
  const error = new Error(message);
  return code === undefined ? error : Object.assign(error, { code });
}

/** The first process's end of the channel to one worker. */
export class WorkerChannel {
  readonly #child: ChildProcess;
  readonly #asked = new Map<number, { done(value: unknown): void; fail(error: unknown): void }>();
  #number = 0;
  #isGone = false;

  /** `hear` gets what the worker says by itself. */
  constructor(child: ChildProcess, hear: (news: News) => void) {
    this.#child = child;
    child.on('message', (message: FromWorker) => {
      if (!('answers' in message)) return hear(message);
      const asked = this.#asked.get(message.answers);
      this.#asked.delete(message.answers);
      if ('fault' in message) asked?.fail(errorOf(message.fault));
      else asked?.done(message.value);
    });
  }

  /** Asks. Rejects with the worker's error, or `WorkerGone` if it ends before it answers. */
  ask(question: Question): Promise<unknown> {
    if (this.#isGone) return Promise.reject(new WorkerGone());
    const number = this.#number++;
    return new Promise((done, fail) => {
      this.#asked.set(number, { done, fail });
      this.#send({ ...question, number });
    });
  }

  say(word: Word): void {
    if (!this.#isGone) this.#send(word);
  }

  /** Lets the worker end, at once. */
  end(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  /** The worker has ended. */
  over(): void {
    this.#isGone = true;
    for (const { fail } of this.#asked.values()) fail(new WorkerGone());
    this.#asked.clear();
  }

  /** One that cannot be sent to is about to be gone. */
  #send(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }
}

/** A worker ended before it answered. */
export class WorkerGone extends Error {
  override name = 'WorkerGone';
}

/** What somebody is told whose question was not answered. */
export function endedMeanwhile(): Problem {
  return new Problem('later', 'a process of the server ended meanwhile; see what is done, and try again');
}

/** Throws it in place of `WorkerGone`, and every other error as it is. */
export function toProblem(error: unknown): never {
  throw error instanceof WorkerGone ? endedMeanwhile() : error;
}
