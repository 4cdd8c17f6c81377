/** Connection: the loop between one socket and one conversation. */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { type Reply, replies } from '../smtp/replies.js';
import type { Session } from '../smtp/session.js';
import type { Clock } from './clock.js';
import { Conversation, type ConversationSettings } from './conversation.js';
import { handOver } from './hand-over.js';
import { type Handshakes, isAllOverhead, protectionOf } from './handshakes.js';
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
  /** Without it there is no STARTTLS. */
  readonly handshakes?: Handshakes | undefined;
  /** Counts a visitor as another client, at the word of XCLIENT; undefined if that one may have no further connection. */
  readonly become: (visitor: Visitor, address: string, port: number) => Visitor | undefined;
}

/** How long one connection is served before others have their turn, in milliseconds. */
const turn = 2;
/** Events between two looks at the clock: what has fewer is short. */
const eventsPerLook = 4;

/**
 * One connection. While the application is asked, a reply is held back, or replies wait to be taken by the client, at
 * most one more chunk is read from the socket: memory is bounded whatever the client does.
 */
export class Connection {
  #stream: Duplex;
  readonly #settings: ConnectionSettings;
  readonly #conversation: Conversation;
  #visitor: Visitor;
  readonly #patience: Patience;
  #tarpit: Tarpit;
  readonly #whenGone: (last: Visitor) => void;
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
  /** STARTTLS was accepted, and the handshake is not done. */
  #securing = false;
  /** Others have their turn. */
  #yielding = false;
  /** Seconds that the application has been waited for. */
  #asking = 0;
  #isCounted = true;
  /** Seconds since the session is over. */
  #parting = 0;
  /** Nothing is left but to wait for the client to close. */
  #lingering = false;

  /** `whenGone` is called once, after all of this connection is over, with what was known last of the other end. */
  constructor(
    stream: Duplex,
    visitor: Visitor,
    session: Session,
    settings: ConnectionSettings,
    whenGone: (last: Visitor) => void,
  ) {
    this.#stream = stream;
    this.#visitor = visitor;
    this.#settings = settings;
    this.#whenGone = whenGone;
    this.#patience = new Patience(settings.limits);
    this.#tarpit = new Tarpit(visitor, settings.limits, settings.guesses, settings.clock);
    this.#conversation = new Conversation(visitor.client, session, settings, () => this.#drive());
    this.#attach();
    this.#drive();
  }

  /** One second has passed. */
  tick(): void {
    const { waiting, session } = this.#conversation;
    this.#asking = waiting ? this.#asking + 1 : 0;
    if (this.#asking > this.#settings.limits.applicationSeconds) {
      this.abandon();
      return;
    }
    if (this.#stream instanceof TLSSocket && isAllOverhead(this.#stream)) {
      this.destroy();
      return;
    }
    // A session that is over waits for nothing but its last replies to be taken.
    if (session.state === 'closed' && !waiting && this.#endPause === undefined) {
      this.#parting += 1;
      if (this.#parting > this.#settings.limits.lingerSeconds) this.#stream.destroy();
      return;
    }
    const busy = waiting || this.#securing || this.#endPause !== undefined;
    const verdict = this.#patience.tick(busy ? 'server' : session.receivesContent ? 'content' : 'command');
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

  /** Ends it now, and counts it no longer, whatever the application still has to say of it: it hears of the end afterwards. */
  abandon(): void {
    this.#stream.destroy();
    this.#gone = true;
    this.#drive();
    this.#leave();
  }

  #leave(): void {
    if (!this.#isCounted) return;
    this.#isCounted = false;
    this.#whenGone(this.#visitor);
  }

  #attach(): void {
    this.#stream.on('data', this.#received).on('lent', this.#lent).on('end', this.#ended);
    this.#stream.on('drain', this.#drained).on('error', this.#broke).on('close', this.#closed);
    this.#stream.resume();
  }

  #detach(): void {
    this.#stream.pause();
    this.#stream.off('data', this.#received).off('lent', this.#lent).off('end', this.#ended);
    this.#stream.off('drain', this.#drained).off('error', this.#broke).off('close', this.#closed);
  }

  readonly #received = (bytes: Buffer): void => this.#receive(bytes);

  /** See lent-reads.ts: the next read writes over these octets. */
  readonly #lent = (bytes: Buffer): void => {
    this.#receive(bytes);
    this.#conversation.session.keep();
  };

  readonly #ended = (): void => {
    this.#conversation.session.end();
    this.#drive();
  };

  readonly #drained = (): void => {
    this.#parting = 0;
    this.#blocked = false;
    this.#drive();
  };

  readonly #broke = (): void => this.#settings.log('connection broken');

  readonly #closed = (): void => {
    this.#gone = true;
    this.#drive();
  };

  #receive(bytes: Buffer): void {
    if (this.#lingering) return;
    const session = this.#conversation.session;
    if (!this.#greeted) this.#early = true;
    session.receive(bytes);
    if (session.receivesContent) this.#patience.content(bytes.length);
    if (this.#conversation.waiting || this.#blocked || this.#yielding || this.#endPause !== undefined) {
      this.#paused = true;
      this.#stream.pause();
    } else this.#drive();
  }

  /** Goes on until the client, the application, or the socket must do something first. */
  #drive(): void {
    const conversation = this.#conversation;
    const session = conversation.session;
    if (this.#gone || this.#lastWord !== undefined || this.#draining) this.#endPause?.();
    if (this.#yielding && !this.#gone) return;
    let events = 0;
    let began = 0;
    // Nothing is said between STARTTLS and the end of the handshake.
    while (!conversation.waiting && (this.#gone || !this.#securing)) {
      if (this.#gone) session.hangUp();
      else if (this.#lastWord !== undefined) session.hangUp(this.#lastWord);
      else if (this.#draining && !session.inTransaction && session.state !== 'greeting')
        session.hangUp(replies.shuttingDown);
      else if (this.#blocked || this.#yielding || this.#endPause !== undefined || this.#slowed()) return;
      const event = session.next();
      if (event !== undefined) {
        this.#patience.progress();
        // The clock is no dearer than a command, but no cheaper either.
        if (events++ % eventsPerLook === eventsPerLook - 1 && !this.#gone) {
          const now = performance.now();
          if (began === 0) began = now;
          else if (now - began > turn) this.#yield();
        }
        if (event.type === 'connect') this.#greet(() => conversation.handle(event));
        else if (event.type === 'startTls') this.#startTls();
        else if (event.type === 'xclient') this.#become(event.address, event.port);
        else if (event.type === 'recipient' && this.#tarpit.full) session.hangUp(replies.tooManyErrors);
        else conversation.handle(event);
      } else if (!this.#slowed() && !this.#flush()) {
        this.#rest();
        return;
      }
    }
    this.#flush();
  }

  /** Goes on when all others who have something to say were heard. */
  #yield(): void {
    this.#yielding = true;
    this.#paused = true;
    this.#stream.pause();
    setImmediate(() => {
      this.#yielding = false;
      this.#drive();
    });
  }

  /** Lets `then` happen after the time in which a client should listen. */
  #greet(then: () => void): void {
    const greet = () => {
      this.#greeted = true;
      if (!this.#early || this.#visitor.spared || this.#settings.earlyTalkers === 'answer') return then();
      this.#settings.log('early talker refused');
      this.#conversation.session.hangUp(replies.earlyTalker);
    };
    const { bannerSeconds } = this.#settings.limits;
    if (bannerSeconds === 0 || this.#visitor.spared || this.#greeted) greet();
    else this.#pauseFor(1000 * bannerSeconds, greet);
  }

  /** Answers STARTTLS, and when the answer is out, lets the handshake have the socket. */
  #startTls(): void {
    const { session } = this.#conversation;
    const { handshakes } = this.#settings;
    const { network, client } = this.#visitor;
    const socket = this.#stream;
    if (!(socket instanceof Socket) || !handshakes?.reserve(network)) {
      session.answer(replies.tlsNotAvailable);
      return;
    }
    session.answer();
    const output = session.takeOutput();
    this.#securing = true;
    this.#detach();
    const { clock, limits } = this.#settings;
    handOver(socket, output, { handshakes, network, clock, seconds: limits.handshakeSeconds }, (secured) => {
      if (secured === undefined) return this.#closed();
      this.#stream = secured;
      this.#securing = false;
      this.#paused = false;
      this.#visitor = { ...this.#visitor, client: { ...client, tls: protectionOf(secured) } };
      this.#conversation.client = this.#visitor.client;
      session.secured();
      this.#attach();
      this.#drive();
    });
  }

  /** A trusted program says who the client is: from here on it counts as that one. */
  #become(address: string, port: number): void {
    const visitor = this.#settings.become(this.#visitor, address, port);
    const { session } = this.#conversation;
    if (visitor === undefined) {
      session.hangUp(replies.tooManyConnections);
      return;
    }
    this.#visitor = visitor;
    this.#tarpit = this.#tarpit.of(visitor);
    this.#conversation.client = visitor.client;
    session.answer();
  }

  /** Whether the replies that wait must wait longer, because of what the client did to get them. */
  #slowed(): boolean {
    const { session } = this.#conversation;
    const delay = this.#tarpit.delay(session.faults, session.refusedRecipients);
    if (delay === 0 || session.state === 'closed') return false;
    this.#pauseFor(delay, () => void this.#flush());
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
      this.#leave();
    } else if (!this.#lingering) {
      // A socket closed with bytes unread is reset, and the client may lose the last reply: it closes first.
      this.#lingering = true;
      this.#stream.end();
      this.#stream.resume();
    }
  }
}
