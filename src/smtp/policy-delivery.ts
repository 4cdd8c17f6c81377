/** Deliveries with policies between the engine and the application: neither can be harmed by what stands between them. */
import { repliesToContent } from './answers.js';
import { inTime, type Patience } from './in-time.js';
import type { Answer, Delivery } from './mail-service.js';
import type { Reply } from './replies.js';

/** The application's delivery, as policies see it: ended once and for all, whatever comes late. */
export class InnerDelivery implements Delivery {
  readonly #delivery: Delivery;
  #ended = false;
  /** Writes that are under way: each waits for the one before. */
  #writing: Promise<void> | undefined;
  /** The first write that failed: what comes behind it would leave a hole. */
  #failure: { readonly error: unknown } | undefined;
  /** Calls to the application that have not been answered, and whether one was since somebody asked. */
  #waiting = 0;
  #waited = false;
  #committed: Promise<readonly Reply[]> | undefined;

  constructor(delivery: Delivery) {
    this.#delivery = delivery;
  }

  /** What the application answers to the content's end, once it was asked. */
  get committed(): Promise<readonly Reply[]> | undefined {
    return this.#committed;
  }

  /** Whether the application was waited for since this was asked last. */
  wasWaitedFor(): boolean {
    const waited = this.#waited || this.#waiting > 0;
    this.#waited = false;
    return waited;
  }

  /** What was written and is not with the application yet. */
  get writing(): Promise<void> | undefined {
    return this.#writing;
  }

  /** A policy need not wait for what it is given back: the pieces stay in order, and none is passed over. */
  write(bytes: Uint8Array): Answer<void> {
    this.#mustBeOpen();
    if (this.#failure !== undefined) throw this.#failure.error;
    const before = this.#writing;
    let answer: Answer<void>;
    if (before === undefined) answer = this.#hand(bytes);
    else {
      const copy = new Uint8Array(bytes);
      answer = before.then(() => this.#hand(copy));
    }
    if (!(answer instanceof Promise)) return undefined;
    const written = this.#wait(answer).catch((error: unknown) => {
      this.#failure ??= { error };
      throw error;
    });
    this.#writing = written;
    const done = () => {
      if (this.#writing === written) this.#writing = undefined;
    };
    written.then(done, done);
    return written;
  }

  commit(): Promise<readonly Reply[]> {
    this.#mustBeOpen();
    this.#ended = true;
    this.#committed = this.#commit();
    // A policy may not care; whoever does hears of it.
    this.#committed.catch(() => undefined);
    return this.#committed;
  }

  async #commit(): Promise<readonly Reply[]> {
    await this.#writing?.catch(() => undefined);
    if (this.#failure === undefined) return repliesToContent(await this.#wait(this.#delivery.commit()));
    this.#delivery.abort();
    throw this.#failure.error;
  }

  #hand(bytes: Uint8Array): Answer<void> {
    try {
      return this.#delivery.write(bytes);
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }

  /** Ends it, if it is not ended yet. */
  abort(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#delivery.abort();
  }

  /** A policy that wakes up when the client was told otherwise must not change what is so. */
  #mustBeOpen(): void {
    if (this.#ended) throw new Error('this delivery is over');
  }

  #wait<T>(answer: Answer<T>): Promise<T> {
    if (!(answer instanceof Promise)) return Promise.resolve(answer);
    this.#waiting += 1;
    return answer.finally(() => {
      this.#waiting -= 1;
      this.#waited = true;
    });
  }
}

/** What the engine sees: the outermost policy's delivery, within the patience for policies. */
export class OuterDelivery implements Delivery {
  readonly #outer: Delivery;
  readonly #inner: InnerDelivery;
  readonly #patience: Patience;

  constructor(outer: Delivery, inner: InnerDelivery, patience: Patience) {
    this.#outer = outer;
    this.#inner = inner;
    this.#patience = patience;
  }

  write(bytes: Uint8Array): Answer<void> {
    const answer = this.#outer.write(bytes) ?? this.#inner.writing;
    return answer instanceof Promise ? this.#inTime(answer) : undefined;
  }

  /** What the policies answer; they may refuse what the application took, and not take what it did not. */
  async commit(): Promise<readonly Reply[]> {
    let given: readonly Reply[];
    try {
      given = repliesToContent(await this.#inTime(this.#outer.commit()));
    } catch (error) {
      // The mail is with the application: what it says holds, not what a policy makes of it afterwards.
      if (this.#inner.committed !== undefined) return this.#inner.committed;
      throw error;
    } finally {
      // A policy that refused by itself, or failed, has not said so to the application.
      this.#inner.abort();
    }
    if (!given.some((reply) => reply.positive)) return given;
    const real = await this.#inner.committed;
    if (real === undefined) throw new Error('a policy accepted what it did not hand on');
    return real.map((reply, index) => {
      const said = given[index] ?? given[0] ?? reply;
      return reply.positive || !said.positive ? said : reply;
    });
  }

  abort(): void {
    try {
      this.#outer.abort();
    } finally {
      this.#inner.abort();
    }
  }

  #inTime<T>(answer: Answer<T>): Promise<T> {
    return inTime(answer, this.#patience, { isExcused: () => this.#inner.wasWaitedFor() });
  }
}
