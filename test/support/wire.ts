/** Wire: one SMTP connection with nothing between the test and the octets. */
import { connect, type Socket, type TcpSocketConnectOpts } from 'node:net';

/** A mail for the wire; content ends in CRLF. */
export interface WireMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly content: Uint8Array;
}

interface Waiting {
  readonly resolve: (reply: string) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

const replyMilliseconds = 100_000;

export class Wire {
  readonly #socket: Socket;
  readonly #replies: string[] = [];
  readonly #waiting: Waiting[] = [];
  #text = '';
  #lines: string[] = [];
  #over = false;
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#take(text));
    socket.on('error', () => undefined);
    this.closed = new Promise((done) => {
      socket.on('close', () => {
        this.#over = true;
        for (const { reject, timer } of this.#waiting.splice(0)) {
          clearTimeout(timer);
          reject(new Error('the connection is closed'));
        }
        done();
      });
    });
  }

  /** Connects; to a port of 127.0.0.1 unless told otherwise. Reads the greeting too, and throws if it is not 220. */
  static async to(where: number | string | TcpSocketConnectOpts): Promise<Wire> {
    const socket = connect(
      typeof where === 'number'
        ? { port: where, host: '127.0.0.1' }
        : typeof where === 'string'
          ? { path: where }
          : where,
    );
    const wire = new Wire(socket);
    wire.must(await wire.reply(), '220');
    return wire;
  }

  /** The next reply, its lines joined by LF. Replies that came before the end are given out after it. */
  reply(): Promise<string> {
    const reply = this.#replies.shift();
    if (reply !== undefined) return Promise.resolve(reply);
    if (this.#over) return Promise.reject(new Error('the connection is closed'));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no reply')), replyMilliseconds);
      this.#waiting.push({ resolve, reject, timer });
    });
  }

  /** Sends octets; resolves when more may be sent. */
  async send(bytes: string | Uint8Array): Promise<void> {
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    if (this.#over || this.#socket.write(data)) return;
    await Promise.race([new Promise((done) => this.#socket.once('drain', done)), this.closed]);
  }

  /** One command and its reply. */
  async command(line: string): Promise<string> {
    await this.send(`${line}\r\n`);
    return this.reply();
  }

  async hello(name = 'wire.example'): Promise<string> {
    return this.must(await this.command(`EHLO ${name}`), '250');
  }

  /** One whole transaction; gives the last reply, whatever it is: to MAIL, RCPT, DATA or the content. */
  async deliver({ from, to, content }: WireMail): Promise<string> {
    for (const line of [`MAIL FROM:<${from}>`, ...to.map((one) => `RCPT TO:<${one}>`), 'DATA']) {
      const reply = await this.command(line);
      if (!/^[23]/.test(reply)) return reply;
    }
    await this.send(stuffed(content));
    return this.reply();
  }

  /** Says goodbye, and waits until the other side has closed. */
  async quit(): Promise<void> {
    await this.command('QUIT');
    this.#socket.end();
    await this.closed;
  }

  /** Closes without a word; with `reset`, by RST. */
  async abandon(how: 'close' | 'reset' = 'close'): Promise<void> {
    if (how === 'reset') this.#socket.resetAndDestroy();
    else this.#socket.destroy();
    await this.closed;
  }

  must(reply: string, code: string): string {
    if (!reply.startsWith(code)) throw new Error(`expected ${code}, got: ${reply}`);
    return reply;
  }

  #take(text: string): void {
    const lines = (this.#text + text).split('\r\n');
    this.#text = lines.pop() as string;
    for (const line of lines) {
      this.#lines.push(line);
      if (line[3] === '-') continue;
      const reply = this.#lines.join('\n');
      this.#lines = [];
      const waiting = this.#waiting.shift();
      clearTimeout(waiting?.timer);
      if (waiting) waiting.resolve(reply);
      else this.#replies.push(reply);
    }
  }
}

/** Content as it goes over the wire: RFC 5321 section 4.5.2, with the final dot. */
export function stuffed(content: Uint8Array): Buffer {
  const text = Buffer.from(content).toString('latin1');
  return Buffer.from(`${text.replace(/^\./, '..').replaceAll('\r\n.', '\r\n..')}.\r\n`, 'latin1');
}
