/** Policies before an application: the mail service that asks each policy in order, then the application. */
import { refusalOr, refusalOrNothing } from './answers.js';
import { inTime, type Patience } from './in-time.js';
import type { Answer, Client, Delivery, MailService, MailSession, Notes } from './mail-service.js';
import type { Policy, PolicySession } from './policy.js';
import { InnerDelivery, OuterDelivery } from './policy-delivery.js';
import { Reply } from './replies.js';

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
      let application: MailSession | Reply | undefined;
      try {
        for (const policy of policies) {
          const given = await inTime(policy.connect(client), patience, {
            late: (session) => closeLate(policy.name, session),
          });
          // Nothing, in whatever form it comes.
          if (given === undefined || given === null) continue;
          const session = refusalOr<PolicySession>(given);
          if (session instanceof Reply) return session;
          sessions.push({ name: policy.name, session });
        }
        application = refusalOr<MailSession>(await service.connect(client));
        return application instanceof Reply
          ? application
          : new GuardedSession(application, sessions, patience);
      } finally {
        // Refused or failed: whoever was asked before hears that it is over.
        if (application === undefined || application instanceof Reply) closeAll(sessions);
      }
    },
  };
}

interface Named {
  readonly name: string;
  readonly session: PolicySession;
}

/** Each hears of it, whatever the others do. */
function tellAll(policies: readonly Named[], tell: (session: PolicySession) => void): void {
  for (const { session } of policies)
    try {
      tell(session);
    } catch {
      // It hears of what comes next all the same.
    }
}

function closeAll(policies: readonly Named[]): void {
  tellAll(policies, (session) => session.close?.());
}

/** What comes when its client was told otherwise hears at once that it is over. */
function closeLate(name: string, session: PolicySession | Reply | undefined): void {
  if (session !== undefined && !(session instanceof Reply)) closeAll([{ name, session }]);
}

function abortLate(delivery: Delivery | Reply | undefined): void {
  if (delivery === undefined || delivery instanceof Reply) return;
  try {
    delivery.abort();
  } catch {
    // It is over all the same.
  }
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

  content(notes: Notes = {}): Answer<Delivery | Reply> {
    const all: Record<string, string> = { ...notes };
    for (const { name, session } of this.#policies) {
      if (session.notes === undefined) continue;
      for (const [key, value] of Object.entries(session.notes() ?? {})) all[`${name}.${key}`] = value;
    }
    const given = this.#application.content(all);
    // Where no policy looks at contents, nothing stands before the application's delivery.
    return this.#policies.some(({ session }) => session.content) ? this.#watch(given) : given;
  }

  async #watch(given: Answer<Delivery | Reply>): Promise<Delivery | Reply> {
    const inner = refusalOr<Delivery>(await given);
    if (inner instanceof Reply) return inner;
    const last = new InnerDelivery(inner);
    let delivery: Delivery = last;
    let opened = false;
    try {
      for (const { session } of [...this.#policies].reverse()) {
        const asked = await inTime(session.content?.(delivery), this.#patience, { late: abortLate });
        const given = refusalOr<Delivery>(asked ?? delivery);
        if (given instanceof Reply) return given;
        delivery = given;
      }
      opened = true;
    } finally {
      if (!opened) last.abort();
    }
    return delivery === last ? last : new OuterDelivery(delivery, last, this.#patience);
  }

  reset(): void {
    tellAll(this.#policies, (session) => session.reset?.());
    this.#application.reset();
  }

  close(): void {
    closeAll(this.#policies);
    this.#application.close();
  }

  /** The first refusal of a policy, or what the application answers. Nothing waits where nobody makes it wait. */
  #ask(
    policy: (session: PolicySession) => Answer<Reply | undefined>,
    application: () => Answer<Reply | undefined>,
    from = 0,
  ): Answer<Reply | undefined> {
    for (let at = from; at < this.#policies.length; at++) {
      const answer = policy((this.#policies[at] as Named).session);
      if (answer instanceof Promise)
        return inTime(answer, this.#patience).then(
          (reply) => refusalOrNothing(reply) ?? this.#ask(policy, application, at + 1),
        );
      const refusal = refusalOrNothing(answer);
      if (refusal !== undefined) return refusal;
    }
    return application();
  }
}
