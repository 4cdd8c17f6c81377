/** A receiver that is not ours: smtp-server, keeping what it gets. */
import { chmodSync } from 'node:fs';
import { SMTPServer } from 'smtp-server';

export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly content: Buffer;
  /** Whether TLS protected it. */
  readonly secure: boolean;
}

export interface ReceiverOptions {
  readonly lmtp?: boolean;
  /** A unix socket that every user may use, instead of a port of 127.0.0.1. */
  readonly path?: string;
  /** TLS from the beginning, by STARTTLS, or not at all; the certificate is one of smtp-server's own. */
  readonly tls?: 'starttls' | 'implicit';
}

/** Gives what is received while `use` runs. It refuses recipients that begin with "nobody". */
export async function receive(
  { lmtp = false, path, tls }: ReceiverOptions,
  use: (port: number, received: readonly Received[]) => Promise<void>,
): Promise<Received[]> {
  const received: Received[] = [];
  const server = new SMTPServer({
    lmtp,
    authOptional: true,
    secure: tls === 'implicit',
    disabledCommands: tls === 'starttls' ? ['AUTH'] : ['AUTH', 'STARTTLS'],
    onRcptTo({ address }, _session, done) {
      done(address.startsWith('nobody') ? Object.assign(new Error('unknown'), { responseCode: 550 }) : null);
    },
    onData(stream, { envelope, secure }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const from = envelope.mailFrom ? envelope.mailFrom.address : '';
        const to = envelope.rcptTo.map(({ address }) => address);
        received.push({ from, to, content: Buffer.concat(chunks), secure });
        done();
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((done) => {
    if (path === undefined) server.listen(0, '127.0.0.1', done);
    else server.listen(path, done);
  });
  if (path !== undefined) chmodSync(path, 0o666);
  try {
    const address = server.server.address();
    await use(address && typeof address === 'object' ? address.port : 0, received);
  } finally {
    await new Promise<void>((done) => server.close(done));
  }
  return received;
}
