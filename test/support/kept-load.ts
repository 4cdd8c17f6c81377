/** Kept load: sessions that stay open and send mail after mail, come back when they are cut off, and know what was acknowledged. */
import { until } from './until.js';
import { Wire } from './wire.js';

export class KeptLoad {
  /** Subjects of mails that got 250. */
  readonly acknowledged: string[] = [];
  readonly #to: string;
  readonly #port: () => number;
  readonly #sessions: Promise<void>[];
  #goes = true;
  #number = 0;

  /** `port` is asked at each connection: a next server may have another one. */
  constructor(sessions: number, to: string, port: () => number) {
    this.#to = to;
    this.#port = port;
    this.#sessions = Array.from({ length: sessions }, () => this.#session());
  }

  /** Resolves when so many more were acknowledged. */
  async more(count: number): Promise<void> {
    const wanted = this.acknowledged.length + count;
    await until(
      () => `${wanted} mails are acknowledged, and not ${this.acknowledged.length}`,
      () => this.acknowledged.length >= wanted,
    );
  }

  async stop(): Promise<void> {
    this.#goes = false;
    await Promise.all(this.#sessions);
  }

  async #session(): Promise<void> {
    while (this.#goes) {
      try {
        const wire = await Wire.to(this.#port());
        await wire.hello();
        while (this.#goes) await this.#send(wire);
        await wire.quit();
      } catch {
        await new Promise((done) => setTimeout(done, 20));
      }
    }
  }

  async #send(wire: Wire): Promise<void> {
    const subject = `mail ${this.#number++}`;
    const content = Buffer.from(
      `Subject: ${subject}\r\n\r\n${'x'.repeat(this.#number % 5 ? 60 : 40_000)}\r\n`,
    );
    const reply = await wire.deliver({ from: 'a@example.net', to: [this.#to], content });
    if (reply.startsWith('250')) this.acknowledged.push(subject);
    else if (reply.startsWith('421')) throw new Error(reply);
  }
}
