/** Connection: the loop between one socket and one conversation. */
import type { Duplex } from 'node:stream';
import { type Reply, replies } from '../smtp/replies.js';
import type { SessionSettings } from '../smtp/settings.js';
import type { Clock } from './clock.js';
import { Conversation, type ConversationSettings } from './conversation.js';
import type { ConnectionLimits } from './limits.js';
import type { Pace } from './pace.js';
import { Patience } from './patience.js';
import { Tarpit } from './tarpit.js';
import type { Visitor } from './visitor.js';

/** What all connections of a server share. */
export interface ConnectionSettings extends ConversationSettings {
  readonly limits: ConnectionLimits;
  readonly clock: Clock;
  /** Refused recipients by network. */
  readonly guesses: Pace;
  /** What becomes of a client that speaks before it was greeted. */
  readonly earlyTalkers: 'answer' | 'refuse';
}

/**
 * One connection. While the application is asked, a reply is held back, or replies wait to be taken by the client, at
 * most one more chunk is read from the socket: memory is bounded whatever the client does.
 */
export class Connection {
  readonly #stream: Duplex;
  readonly #settings: ConnectionSettings;
  readonly #conversation: Conversation;
  readonly #visitor: Visitor;
  readonly #patience: Patience;
  readonly #tarpit: Tarpit;
  readonly #whenGone: () => void;
  /** Replies wait to be taken by the client. */
  #blocked = false;
  #paused = false;
  #draining = false;
  #gone = false;
  /** Said as soon as the application lets go. */
  #lastWord: Reply | undefined;
  /** Ends the pause that the server itself makes before it goes on; there is one only while it lasts. */
  #endPause: (() => void) | undefined;
  #greeted = false;
  #early = false;
  /** Seconds since the session is over. */
  #lingering: number | undefined;

  /** `whenGone` is called once, after all of this connection is over. */
  constructor(
    stream: Duplex,
    visitor: Visitor,
    session: SessionSettings,
    settings: ConnectionSettings,
    whenGone: () => void,
  ) {
    this.#stream = stream;
    this.#visitor = visitor;
    this.#settings = settings;
    this.#whenGone = whenGone;
    this.#patience = new Patience(settings.limits);
    this.#tarpit = new Tarpit(visitor, settings.limits, settings.guesses, settings.clock);
    this.#conversation = new Conversation(visitor.client, session, settings, () => this.#drive());
    stream.on('data', (bytes) => this.#receive(bytes));
    stream.on('end', () => {
      this.#conversation.session.end();
      this.#drive();
    });
    stream.on('drain', () => {
      this.#blocked = false;
      this.#drive();
    });
    stream.on('error', () => settings.log('connection broken'));
    stream.on('close', () => {
      this.#gone = true;
      this.#drive();
    });
    stream.resume();
    this.#drive();
  }

  /** One second has passed. */
  tick(): void {
    if (this.#lingering !== undefined) {
      this.#lingering += 1;
      if (this.#lingering > this.#settings.limits.lingerSeconds) this.#stream.destroy();
      return;
    }
    const { waiting, session } = this.#conversation;
    const busy = waiting || this.#endPause !== undefined;
    const verdict = this.#patience.tick(
      busy ? 'server' : session.state === 'content' ? 'content' : 'command',
    );
    if (verdict === 'go on' || this.#lastWord !== undefined) return;
    this.#settings.log(verdict === 'timed out' ? 'connection timed out' : 'connection too slow');
    this.#lastWord = replies.timeOut;
    this.#drive();
  }

  /** The server stops: a transaction under way may finish, then the client is sent away. */
  drain(): void {
    this.#draining = true;
    this.#drive();
  }

  /** Ends it now, without a word. */
  destroy(): void {
    this.#stream.destroy();
  }

  #receive(bytes: Buffer): void {
    if (this.#lingering !== undefined) return;
    const session = this.#conversation.session;
    if (!this.#greeted) this.#early = true;
    session.receive(bytes);
    if (session.state === 'content') this.#patience.content(bytes.length);
    if (this.#conversation.waiting || this.#blocked || this.#endPause !== undefined) {
      this.#paused = true;
      this.#stream.pause();
    } else this.#drive();
  }

  /** Goes on until the client, the application, or the socket must do something first. */
  #drive(): void {
    const conversation = this.#conversation;
    const session = conversation.session;
    if (this.#gone || this.#lastWord !== undefined || this.#draining) this.#endPause?.();
    while (!conversation.waiting) {
      if (this.#gone) session.hangUp();
      else if (this.#lastWord !== undefined) session.hangUp(this.#lastWord);
      else if (this.#draining && !session.inTransaction && session.state !== 'greeting')
        session.hangUp(replies.shuttingDown);
      else if (this.#blocked || this.#endPause !== undefined || this.#slowed()) return;
      const event = session.next();
      if (event !== undefined) {
        this.#patience.progress();
        if (event.type === 'connect') this.#greet(() => conversation.handle(event));
        else if (event.type === 'recipient' && this.#tarpit.full) session.hangUp(replies.tooManyErrors);
        else conversation.handle(event);
      } else if (!this.#slowed() && !this.#flush()) {
        this.#rest();
        return;
      }
    }
    this.#flush();
  }

  /** Lets `then` happen after the time in which a client should listen. */
  #greet(then: () => void): void {
    const greet = () => {
      this.#greeted = true;
      if (!this.#early || this.#visitor.spared || this.#settings.earlyTalkers === 'answer') return then();
      this.#settings.log('early talker refused');
      this.#conversation.session.hangUp(replies.tooManyErrors);
    };
    const { bannerSeconds } = this.#settings.limits;
    if (bannerSeconds === 0 || this.#visitor.spared) greet();
    else this.#pauseFor(1000 * bannerSeconds, greet);
  }

  /** Whether the replies that wait must wait longer, because of what the client did to get them. */
  #slowed(): boolean {
    const { session } = this.#conversation;
    const delay = this.#tarpit.delay(session.faults, session.refusedRecipients);
    if (delay === 0 || session.state === 'closed') return false;
    this.#pauseFor(delay, () => undefined);
    return true;
  }

  #pauseFor(milliseconds: number, then: () => void): void {
    const end = () => {
      cancel();
      this.#endPause = undefined;
      then();
    };
    this.#endPause = end;
    const cancel = this.#settings.clock.after(milliseconds, () => {
      end();
      this.#drive();
    });
  }

  /** Sends the replies that wait; true if there were any. */
  #flush(): boolean {
    const output = this.#conversation.session.takeOutput();
    if (output === undefined) return false;
    this.#patience.progress();
    if (!this.#gone && !this.#stream.write(output)) this.#blocked = true;
    return true;
  }

  /** There is nothing to do but to read on, or to part. */
  #rest(): void {
    if (this.#conversation.session.state !== 'closed') {
      if (!this.#paused) return;
      this.#paused = false;
      this.#stream.resume();
    } else if (this.#gone) {
      this.#conversation.over();
      this.#whenGone();
    } else if (this.#lingering === undefined) {
      // A socket closed with bytes unread is reset, and the client may lose the last reply: it closes first.
      this.#lingering = 0;
      this.#stream.end();
      this.#stream.resume();
    }
  }
}
