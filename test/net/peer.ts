/** A bare client for what well-behaved clients would never do: sends octets, waits for text. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { ListenAddress } from '../../src/net/listener.js';

export class Peer {
  /** What it speaks through: the TCP or unix socket, or TLS over it. */
  readonly socket: Socket;
  /** The socket below TLS; the same without. */
  readonly raw: Socket;
  received = '';
  ended = false;
  broken = false;
  #wake = () => {};

  /** Inside TLS if the address says "smtps". `below`: a socket that stands already. */
  constructor(address: ListenAddress, below?: Socket) {
    if ('fd' in address) throw new Error('a descriptor is no address to connect to');
    this.raw = below ?? connect('path' in address ? { path: address.path } : { ...address });
    this.raw.setNoDelay(true).on('error', () => {
      this.broken = true;
    });
    this.socket = address.protocol === 'smtps' ? secure(this.raw) : this.raw;
    this.socket.on('data', (bytes) => {
      this.received += bytes.toString('latin1');
      this.#wake();
    });
    this.socket.on('end', () => {
      this.ended = true;
      this.#wake();
    });
    this.socket.on('error', () => {
      this.broken = true;
    });
    this.socket.on('close', () => {
      this.ended = true;
      this.#wake();
    });
  }

  send(text: string | Uint8Array): this {
    this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
    return this;
  }

  /** STARTTLS, and a client inside TLS; what it had got in plaintext is forgotten. */
  async startTls(): Promise<Peer> {
    this.received = '';
    await this.send('STARTTLS\r\n').until(/^220 /m);
    return this.inTls();
  }

  /** Begins TLS without asking. */
  inTls(): Peer {
    for (const event of ['data', 'end', 'close']) this.raw.removeAllListeners(event);
    return new Peer({ host: '', port: 0, protocol: 'smtps' }, this.raw);
  }

  /** Sends the octets again and again until they are no longer taken within half a second; how often they were. */
  async sendWhileTaken(bytes: Uint8Array, most: number): Promise<number> {
    for (let taken = 0; taken < most; taken++) {
      const sent = new Promise<boolean>((done) => this.socket.write(bytes, () => done(true)));
      if (!(await Promise.race([sent, pause(500).then(() => false)]))) return taken;
    }
    return most;
  }

  /** Waits until what was received matches, and returns all of it. */
  async until(pattern: RegExp): Promise<string> {
    await this.#when(() => pattern.test(this.received), String(pattern));
    return this.received;
  }

  /** Waits until the server has closed its side. */
  async untilEnd(): Promise<string> {
    await this.#when(() => this.ended, 'the end');
    this.socket.destroy();
    return this.received;
  }

  close(): void {
    this.socket.destroy();
  }

  async #when(done: () => boolean, what: string): Promise<void> {
    // Longer than anything takes, also on a machine with much else to do.
    const deadline = performance.now() + 60_000;
    while (!done()) {
      if (this.ended || performance.now() > deadline)
        throw new Error(`${what} did not come; received ${JSON.stringify(this.received.slice(-500))}`);
      await new Promise<void>((wake) => {
        const timer = setTimeout(wake, 1000);
        this.#wake = () => {
          clearTimeout(timer);
          wake();
        };
      });
    }
  }
}

/** TLS over a socket, whoever the other side is. */
export function secure(socket: Socket, servername = 'mx.example'): TLSSocket {
  return connectTls({ socket, servername, rejectUnauthorized: false });
}

/**
 * Waits so long, and for some turns of the event loop: a process that others kept from the processor has then dealt with
 * all that its clients and its server had sent each other.
 */
export async function pause(milliseconds: number): Promise<void> {
  await new Promise((done) => setTimeout(done, milliseconds));
  for (let turn = 0; turn < 30; turn++) await new Promise((done) => setImmediate(done));
}

/** Waits until `test` holds, at most a minute. */
export async function eventually(test: () => boolean, what: string): Promise<void> {
  // Longer than anything takes, also on a machine with much else to do.
  const deadline = performance.now() + 60_000;
  while (!test()) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await pause(5);
  }
}
