/** A mail service that keeps what it gets in memory, and can be told to be slow, to refuse, or to fail. */
import type { Client, Delivery, MailService, MailSession } from '../../src/smtp/mail-service.js';
import { Reply, replies } from '../../src/smtp/replies.js';

export interface Message {
  readonly from: string;
  readonly recipients: readonly string[];
  readonly content: Buffer;
}

/** What it is asked before it does anything: may refuse with a reply, throw, or take its time. */
export type Mood = (method: string, detail: string) => Promise<Reply | undefined> | Reply | undefined;

export class MemoryService implements MailService {
  readonly messages: Message[] = [];
  readonly clients: Client[] = [];
  /** What was known of the client at each hello. */
  readonly hellos: Client[] = [];
  /** Names of calls in order, without those of write. */
  readonly calls: string[] = [];
  written = 0;
  mood: Mood = () => undefined;
  /** Whether content is kept; without, only counted. */
  keep = true;

  connect(client: Client): MailSession | Reply | Promise<MailSession | Reply> {
    this.clients.push(client);
    const session = this.#session();
    const refusal = this.#ask('connect', client.address);
    if (refusal instanceof Promise) return refusal.then((reply) => reply ?? session);
    return refusal ?? session;
  }

  #ask(method: string, detail = ''): Promise<Reply | undefined> | Reply | undefined {
    if (method !== 'write') this.calls.push(method);
    return this.mood(method, detail);
  }

  #session(): MailSession {
    let from = '';
    let recipients: string[] = [];
    return {
      hello: (name, client) => {
        this.hellos.push(client);
        return this.#ask('hello', name);
      },
      mail: (path) => {
        from = path?.text ?? '';
        recipients = [];
        return this.#ask('mail', from);
      },
      recipient: (mailbox) => {
        const refusal = this.#ask('recipient', mailbox.text);
        if (!(refusal instanceof Reply)) recipients.push(mailbox.text);
        return refusal;
      },
      content: () => {
        const delivery = this.#delivery(from, recipients);
        const refusal = this.#ask('content');
        if (refusal instanceof Promise) return refusal.then((reply) => reply ?? delivery);
        return refusal ?? delivery;
      },
      reset: () => void this.#ask('reset'),
      close: () => void this.#ask('close'),
    };
  }

  #delivery(from: string, recipients: readonly string[]): Delivery {
    const parts: Buffer[] = [];
    const take = (bytes: Uint8Array) => {
      this.written += bytes.length;
      if (this.keep) parts.push(Buffer.from(bytes));
    };
    return {
      write: (bytes) => {
        const wait = this.#ask('write');
        if (!(wait instanceof Promise)) return take(bytes);
        return wait.then(() => take(bytes));
      },
      commit: () => {
        const done = (refusal: Reply | undefined) => {
          if (refusal !== undefined) return [refusal];
          this.messages.push({ from, recipients, content: Buffer.concat(parts) });
          return recipients.map(() => replies.queued('1'));
        };
        const refusal = this.#ask('commit');
        return refusal instanceof Promise ? refusal.then(done) : done(refusal);
      },
      abort: () => void this.#ask('abort'),
    };
  }
}
