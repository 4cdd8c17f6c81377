/** Conversation: carries the events of one session to the application, and its answers back. */

import { refusalOr, repliesToContent, replyOrNothing } from '../smtp/answers.js';
import type { Event } from '../smtp/events.js';
import type { Answer, Client, Delivery, MailService, MailSession } from '../smtp/mail-service.js';
import { Reply, replies } from '../smtp/replies.js';
import type { Session } from '../smtp/session.js';
import type { NetworkEvent } from './limits.js';

/** What all conversations of a server share. */
export interface ConversationSettings {
  readonly service: MailService;
  readonly log: (event: NetworkEvent) => void;
}

/** One session with its application. An application that throws costs the client a 451, and nothing else. */
export class Conversation {
  readonly session: Session;
  #client: Client;
  readonly #settings: ConversationSettings;
  readonly #goOn: () => void;
  #application: MailSession | undefined;
  #delivery: Delivery | undefined;
  #waiting = false;

  /** `goOn` is called when an answer that was waited for has come. */
  constructor(client: Client, session: Session, settings: ConversationSettings, goOn: () => void) {
    this.session = session;
    this.#client = client;
    this.#settings = settings;
    this.#goOn = goOn;
  }

  /** Whether the application has been asked and has not answered; no event may be handled before. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /** Something else is known of the other end: the application learns it at the next hello. */
  set client(client: Client) {
    this.#client = client;
  }

  /** Tells the application of an event, and the session of its answer. */
  handle(event: Event): void {
    try {
      if (event.type === 'connect') this.#connect();
      else if (event.type === 'chunk' || event.type === 'end') this.#deliver(event);
      else if (event.type === 'abort') this.#abort();
      else this.#ask(event);
    } catch {
      this.#failed();
    }
  }

  /** The connection is gone. To be called when nothing is waited for. */
  over(): void {
    this.#abort();
    try {
      this.#application?.close();
    } catch {
      this.#settings.log('application failed');
    }
    this.#application = undefined;
  }

  #connect(): void {
    // After XCLIENT it is another client, and nothing of the one before is left.
    this.over();
    this.#take(this.#settings.service.connect(this.#client), this.#connected);
  }

  #ask(event: Event): void {
    const application = this.#application;
    if (application === undefined) throw new Error(`${event.type} before the connection was answered`);
    if (event.type === 'mail') this.#take(application.mail(event.from, event.parameters), this.#answered);
    else if (event.type === 'recipient') this.#take(application.recipient(event.mailbox), this.#answered);
    else if (event.type === 'content') this.#take(application.content(), this.#opened);
    else if (event.type === 'hello') this.#take(application.hello(event.name, this.#client), this.#answered);
    else if (event.type === 'reset') application.reset();
  }

  #deliver(event: Event): void {
    const delivery = this.#delivery;
    if (delivery === undefined) throw new Error(`${event.type} without a delivery`);
    if (event.type === 'chunk') {
      // Where they were received, the next read may write while a delivery makes us wait.
      const bytes = delivery.copiesAtOnce ? event.bytes : new Uint8Array(event.bytes);
      this.#take(delivery.write(bytes), this.#written);
    } else {
      this.#delivery = undefined;
      this.#take(delivery.commit(), this.#committed);
    }
  }

  /** Goes on with an answer, at once or when it has come. */
  #take<T>(answer: Answer<T>, then: (value: T) => void): void {
    if (!(answer instanceof Promise)) {
      then(answer);
      return;
    }
    this.#waiting = true;
    // One promise besides the answer, not three: a mail has some of these.
    answer.then(
      (value) => {
        try {
          then(value);
        } catch {
          this.#failed();
        }
        this.#waited();
      },
      () => {
        this.#failed();
        this.#waited();
      },
    );
  }

  #waited(): void {
    this.#waiting = false;
    this.#goOn();
  }

  readonly #connected = (answer: MailSession | Reply): void => {
    const application = refusalOr<MailSession>(answer);
    if (!(application instanceof Reply)) this.#application = application;
    this.session.answer(application instanceof Reply ? application : undefined);
  };

  readonly #opened = (answer: Delivery | Reply): void => {
    const delivery = refusalOr<Delivery>(answer);
    if (!(delivery instanceof Reply)) this.#delivery = delivery;
    this.session.answer(delivery instanceof Reply ? delivery : undefined);
  };

  readonly #answered = (answer: Reply | undefined): void => {
    this.session.answer(replyOrNothing(answer));
  };

  readonly #committed = (answer: readonly Reply[]): void => {
    this.session.answer(repliesToContent(answer));
  };

  readonly #written = (): void => {};

  readonly #failed = (): void => {
    this.#settings.log('application failed');
    if (this.session.state === 'greeting') this.session.answer(replies.notAvailable);
    else if (this.#delivery === undefined) this.session.answer(replies.localError);
    else {
      this.#abort();
      this.session.refuse(replies.localError);
    }
  };

  #abort(): void {
    const delivery = this.#delivery;
    this.#delivery = undefined;
    try {
      delivery?.abort();
    } catch {
      this.#settings.log('application failed');
    }
  }
}
