/** Connection: the loop between one socket and one conversation, and how long it waits. */
import type { Socket } from 'node:net';
import type { Client } from '../smtp/mail-service.js';
import { type Reply, replies } from '../smtp/replies.js';
import { Conversation, type ConversationSettings } from './conversation.js';
import type { ConnectionLimits } from './limits.js';

/** What all connections of a server share. */
export interface ConnectionSettings extends ConversationSettings {
  readonly limits: ConnectionLimits;
}

/**
 * One connection. While the application is asked, or replies wait to be taken by the client, at most one more chunk is
 * read from the socket: memory is bounded whatever the client does.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #settings: ConnectionSettings;
  readonly #conversation: Conversation;
  readonly #whenGone: () => void;
  /** Replies wait to be taken by the client. */
  #blocked = false;
  #paused = false;
  #draining = false;
  #gone = false;
  /** Said as soon as the application lets go. */
  #lastWord: Reply | undefined;
  /** Seconds since the start, since the last progress, and, once the session is over, since then. */
  #age = 0;
  #idle = 0;
  #lingering: number | undefined;

  /** `whenGone` is called once, after all of this connection is over. */
  constructor(socket: Socket, client: Client, settings: ConnectionSettings, whenGone: () => void) {
    this.#socket = socket;
    this.#settings = settings;
    this.#whenGone = whenGone;
    this.#conversation = new Conversation(client, settings, () => this.#drive());
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('end', () => {
      this.#conversation.session.end();
      this.#drive();
    });
    socket.on('drain', () => {
      this.#blocked = false;
      this.#drive();
    });
    socket.on('error', () => settings.log('connection broken'));
    socket.on('close', () => {
      this.#gone = true;
      this.#drive();
    });
    this.#drive();
  }

  /** One second has passed. */
  tick(): void {
    const { commandSeconds, contentSeconds, sessionSeconds, lingerSeconds } = this.#settings.limits;
    if (this.#lingering !== undefined) {
      this.#lingering += 1;
      if (this.#lingering > lingerSeconds) this.#socket.destroy();
      return;
    }
    this.#age += 1;
    if (!this.#conversation.waiting) this.#idle += 1;
    const patience = this.#conversation.session.state === 'content' ? contentSeconds : commandSeconds;
    if (this.#lastWord !== undefined || (this.#idle <= patience && this.#age <= sessionSeconds)) return;
    this.#settings.log('connection timed out');
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
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    if (this.#lingering !== undefined) return;
    const session = this.#conversation.session;
    session.receive(bytes);
    if (session.state === 'content') this.#idle = 0;
    if (this.#conversation.waiting || this.#blocked) {
      this.#paused = true;
      this.#socket.pause();
    } else this.#drive();
  }

  /** Goes on until the client, the application, or the socket must do something first. */
  #drive(): void {
    const conversation = this.#conversation;
    const session = conversation.session;
    while (!conversation.waiting) {
      if (this.#gone) session.hangUp();
      else if (this.#lastWord !== undefined) session.hangUp(this.#lastWord);
      else if (this.#draining && !session.inTransaction && session.state !== 'greeting')
        session.hangUp(replies.shuttingDown);
      else if (this.#blocked) return;
      const event = session.next();
      if (event !== undefined) {
        this.#idle = 0;
        conversation.handle(event);
      } else if (!this.#flush()) {
        this.#rest();
        return;
      }
    }
    this.#flush();
  }

  /** Sends the replies that wait; true if there were any. */
  #flush(): boolean {
    const output = this.#conversation.session.takeOutput();
    if (output === undefined) return false;
    this.#idle = 0;
    if (!this.#gone && !this.#socket.write(output)) this.#blocked = true;
    return true;
  }

  /** There is nothing to do but to read on, or to part. */
  #rest(): void {
    if (this.#conversation.session.state !== 'closed') {
      if (!this.#paused) return;
      this.#paused = false;
      this.#socket.resume();
    } else if (this.#gone) {
      this.#conversation.over();
      this.#whenGone();
    } else if (this.#lingering === undefined) {
      // A socket closed with bytes unread is reset, and the client may lose the last reply: it closes first.
      this.#lingering = 0;
      this.#socket.end();
      this.#socket.resume();
    }
  }
}
