/** Load session: one client that sends mail after mail until its server is gone, and remembers what was acknowledged. */
import { connect, type Socket } from 'node:net';
import { contentOf, largeFrom, type Phase, type SentMail } from './load-mail.js';

/** Whom sessions send for. */
export interface Owner {
  readonly isPatient: boolean;
  /** Milliseconds between two mails. */
  pace(): number;
  nextMail(): SentMail;
  refused(): void;
}

/** What a reply is awaited for. */
type Awaited = 'greeting' | 'hello' | 'reset' | 'mail' | 'data' | 'content' | { readonly recipient: string };

const pauseMilliseconds = 20;

/** One client: mail after mail, commands in one piece, content in pieces of its own. */
export class Session {
  phase: Phase = 'commands';
  /** What the server should not have said. */
  fault: string | undefined;
  isOver = false;
  readonly ended: Promise<void>;
  #end: () => void = () => undefined;
  readonly #port: number;
  readonly #owner: Owner;
  #socket: Socket;
  #mail: SentMail | undefined;
  #text = '';
  #awaited: Awaited[] = [];
  #isRefused = false;

  constructor(port: number, owner: Owner) {
    this.#port = port;
    this.#owner = owner;
    this.ended = new Promise((done) => {
      this.#end = done;
    });
    this.#socket = this.#connect();
  }

  #connect(): Socket {
    this.#text = '';
    this.#awaited = ['greeting'];
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    let isConnected = false;
    let isSentAway = false;
    socket.setEncoding('latin1');
    socket.on('error', () => undefined);
    socket.on('connect', () => {
      isConnected = true;
    });
    socket.on('data', (text: string) => {
      isSentAway = this.#take(text);
    });
    socket.on('close', () => {
      // Sent away by a server that lives: come again. Cut off: it is gone.
      if (isConnected && isSentAway && this.fault === undefined)
        setTimeout(() => {
          this.#socket = this.#connect();
        }, pauseMilliseconds);
      else {
        this.isOver = true;
        this.#end();
      }
    });
    return socket;
  }

  /** Returns whether the last thing said was that the client is to go. */
  #take(text: string): boolean {
    const lines = (this.#text + text).split('\r\n');
    this.#text = lines.pop() as string;
    const replies = lines.filter((line) => line[3] === ' ');
    for (const line of replies) this.#reply(line);
    return this.#owner.isPatient && replies.at(-1)?.startsWith('421') === true;
  }

  #reply(line: string): void {
    if (line.startsWith('421') && this.#owner.isPatient) {
      this.#refused();
      return;
    }
    const awaited = this.#awaited.shift();
    const isGood = line.startsWith(
      awaited === 'greeting' ? '220' : awaited === 'data' ? '354' : awaited === undefined ? 'none' : '250',
    );
    if (!isGood) {
      // What follows a refusal in the same transaction is out of order, which is a 5xx.
      const isBorne = line.startsWith('4') || (awaited !== 'content' && this.#isRefused);
      if (!this.#owner.isPatient || !isBorne || awaited === undefined) {
        this.#fail(`a server under load answered ${line}`);
        return;
      }
      this.#refused();
    }
    const mail = this.#mail as SentMail;
    if (awaited === 'greeting') this.#send('EHLO load.example\r\n', 'hello');
    else if (awaited === 'data' && isGood) void this.#content(mail);
    else if (typeof awaited === 'object' && !isGood)
      mail.to = mail.to.filter((one) => one !== awaited.recipient);
    else if (awaited === 'content' || awaited === 'hello' || awaited === 'data') {
      if (awaited === 'content' && isGood) mail.acknowledged = true;
      const pause = Math.max(isGood ? 0 : pauseMilliseconds, this.#owner.pace());
      if (pause === 0) this.#begin();
      else setTimeout(() => this.#begin(), pause);
    }
  }

  #refused(): void {
    this.#isRefused = true;
    this.#owner.refused();
  }

  #send(text: string, ...awaited: readonly Awaited[]): void {
    this.#awaited.push(...awaited);
    this.#socket.write(text);
  }

  #fail(fault: string): void {
    this.fault = fault;
    this.#socket.destroy();
  }

  #begin(): void {
    if (this.#socket.destroyed) return;
    if (this.#isRefused) this.#send('RSET\r\n', 'reset');
    this.#isRefused = false;
    const mail = this.#owner.nextMail();
    this.#mail = mail;
    this.phase = 'commands';
    const recipients = mail.to.map((one) => `RCPT TO:<${one}>\r\n`).join('');
    this.#send(
      `MAIL FROM:<load@example.net>\r\n${recipients}DATA\r\n`,
      'mail',
      ...mail.to.map((recipient) => ({ recipient })),
      'data',
    );
  }

  /** One content in three, and each large one, goes out in pieces with pauses, so that many a kill comes in the middle of one. */
  async #content({ number }: SentMail): Promise<void> {
    this.phase = 'content';
    const content = contentOf(number);
    const isInPieces = number % 3 === 0 || number >= largeFrom;
    const piece = isInPieces ? Math.ceil(content.length / 5) : content.length;
    for (let at = 0; at < content.length; at += piece) {
      this.#socket.write(content.subarray(at, at + piece));
      if (at + piece < content.length) await new Promise((done) => setTimeout(done, 5));
    }
    this.phase = 'reply';
    this.#send('.\r\n', 'content');
  }
}
