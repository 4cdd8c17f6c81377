/** Policies before an application: the mail service that asks each policy in order, then the application. */
import type { Answer, Client, Delivery, MailService, MailSession, Notes } from './mail-service.js';
import type { Policy, PolicySession } from './policy.js';
import { Reply } from './replies.js';

/** Calls back after so many milliseconds, unless it is cancelled by what it returns. */
export type After = (milliseconds: number, call: () => void) => () => void;

export interface Patience {
  readonly after: After;
  /** How long one answer of a policy may take. */
  readonly milliseconds: number;
}

/** A policy did not answer in time. */
export class PolicyHangs extends Error {}

/** The service with these policies before it, the first of them outermost. Without policies, the service itself. */
export function withPolicies(
  service: MailService,
  policies: readonly Policy[],
  patience: Patience,
): MailService {
  if (policies.length === 0) return service;
  return {
    async connect(client) {
      const sessions: Named[] = [];
      const refuse = (reply: Reply) => {
        for (const { session } of sessions) session.close?.();
        return reply;
      };
      for (const policy of policies) {
        const session = await inTime(policy.connect(client), patience);
        if (session instanceof Reply) return refuse(session);
        if (session) sessions.push({ name: policy.name, session });
      }
      const application = await service.connect(client);
      return application instanceof Reply
        ? refuse(application)
        : new GuardedSession(application, sessions, patience);
    },
  };
}

interface Named {
  readonly name: string;
  readonly session: PolicySession;
}

class GuardedSession implements MailSession {
  readonly #application: MailSession;
  readonly #policies: readonly Named[];
  readonly #patience: Patience;

  constructor(application: MailSession, policies: readonly Named[], patience: Patience) {
    this.#application = application;
    this.#policies = policies;
    this.#patience = patience;
  }

  hello(name: string, client: Client): Answer<Reply | undefined> {
    return this.#ask(
      (session) => session.hello?.(name, client),
      () => this.#application.hello(name, client),
    );
  }

  mail(...given: Parameters<MailSession['mail']>): Answer<Reply | undefined> {
    return this.#ask(
      (session) => session.mail?.(...given),
      () => this.#application.mail(...given),
    );
  }

  recipient(...given: Parameters<MailSession['recipient']>): Answer<Reply | undefined> {
    return this.#ask(
      (session) => session.recipient?.(...given),
      () => this.#application.recipient(...given),
    );
  }

  async content(notes: Notes = {}): Promise<Delivery | Reply> {
    const all: Record<string, string> = { ...notes };
    for (const { name, session } of this.#policies)
      for (const [key, value] of Object.entries(session.notes?.() ?? {})) all[`${name}.${key}`] = value;
    const inner = await this.#application.content(all);
    if (inner instanceof Reply) return inner;
    const last = new InnerDelivery(inner);
    let delivery: Delivery = last;
    try {
      for (const { session } of [...this.#policies].reverse()) {
        const given = await inTime(session.content?.(delivery), this.#patience);
        if (given instanceof Reply) {
          last.giveUp();
          return given;
        }
        delivery = given ?? delivery;
      }
    } catch (error) {
      last.giveUp();
      throw error;
    }
    return delivery === last ? last : new OuterDelivery(delivery, last, this.#patience);
  }

  reset(): void {
    for (const { session } of this.#policies) session.reset?.();
    this.#application.reset();
  }

  close(): void {
    for (const { session } of this.#policies)
      try {
        session.close?.();
      } catch {
        // The others, and the application, must hear of it all the same.
      }
    this.#application.close();
  }

  /** The first reply of a policy, or what the application answers. Nothing waits where nobody makes it wait. */
  #ask(
    policy: (session: PolicySession) => Answer<Reply | undefined>,
    application: () => Answer<Reply | undefined>,
    from = 0,
  ): Answer<Reply | undefined> {
    for (let at = from; at < this.#policies.length; at++) {
      const answer = policy((this.#policies[at] as Named).session);
      if (answer instanceof Promise)
        return inTime(answer, this.#patience).then(
          (reply) => reply ?? this.#ask(policy, application, at + 1),
        );
      if (answer !== undefined) return answer;
    }
    return application();
  }
}

/** The application's delivery, which is ended once and for all, whatever the policies before it do. */
class InnerDelivery implements Delivery {
  readonly #delivery: Delivery;
  #ended = false;
  /** Whether the application is being waited for. */
  busy = false;

  constructor(delivery: Delivery) {
    this.#delivery = delivery;
  }

  write(bytes: Uint8Array): Answer<void> {
    return this.#wait(this.#delivery.write(bytes));
  }

  commit(): Answer<readonly Reply[]> {
    this.#ended = true;
    return this.#wait(this.#delivery.commit());
  }

  abort(): void {
    this.giveUp();
  }

  giveUp(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#delivery.abort();
  }

  #wait<T>(answer: Answer<T>): Answer<T> {
    if (!(answer instanceof Promise)) return answer;
    this.busy = true;
    return answer.finally(() => {
      this.busy = false;
    });
  }
}

/** What the engine sees: the outermost policy's delivery, within the patience for policies. */
class OuterDelivery implements Delivery {
  readonly #outer: Delivery;
  readonly #inner: InnerDelivery;
  readonly #patience: Patience;

  constructor(outer: Delivery, inner: InnerDelivery, patience: Patience) {
    this.#outer = outer;
    this.#inner = inner;
    this.#patience = patience;
  }

  write(bytes: Uint8Array): Answer<void> {
    const answer = this.#outer.write(bytes);
    return answer instanceof Promise ? this.#inTime(answer) : answer;
  }

  async commit(): Promise<readonly Reply[]> {
    try {
      return await this.#inTime(this.#outer.commit());
    } finally {
      // A policy that refused by itself, or failed, has not said so to the application.
      this.#inner.giveUp();
    }
  }

  abort(): void {
    try {
      this.#outer.abort();
    } finally {
      this.#inner.giveUp();
    }
  }

  #inTime<T>(answer: Answer<T>): Promise<T> {
    return inTime(answer, this.#patience, () => this.#inner.busy);
  }
}

/** The answer, or a rejection when it takes too long. Time in which somebody else is waited for does not count. */
async function inTime<T>(
  answer: Answer<T>,
  { after, milliseconds }: Patience,
  isExcused = () => false,
): Promise<T> {
  if (!(answer instanceof Promise)) return answer;
  let cancel = () => {};
  const tooLate = new Promise<never>((_, reject) => {
    const wait = () => {
      cancel = after(milliseconds, () => (isExcused() ? wait() : reject(new PolicyHangs())));
    };
    wait();
  });
  try {
    return await Promise.race([answer, tooLate]);
  } finally {
    cancel();
  }
}
