/** A scene: a server on loopback, its service, its clock, and as many bare clients as wanted. */

import { selfSigned } from '../../src/net/certificate.js';
import { Certificates } from '../../src/net/certificates.js';
import type { ListenAddress } from '../../src/net/listener.js';
import { type ServeOptions, type SmtpServer, serveSmtp } from '../../src/net/serve-smtp.js';
import { HandClock } from './hand-clock.js';
import { MemoryService } from './memory-service.js';
import { Peer } from './peer.js';

export interface Scene {
  readonly server: SmtpServer;
  readonly service: MemoryService;
  readonly clock: HandClock;
  readonly log: string[];
  /** A client of the first listener, or of the one with this number. */
  peer(listener?: number): Peer;
}

export async function scene(
  run: (scene: Scene) => Promise<void>,
  limits: ServeOptions['limits'] = {},
  others: Partial<ServeOptions> = {},
): Promise<void> {
  const service = new MemoryService();
  const clock = new HandClock();
  const log: string[] = [];
  const server = await serveSmtp({
    listen: [{ host: '127.0.0.1', port: 0 }],
    service,
    hostname: 'mx.example',
    limits: { logSeconds: 0, ...limits },
    clock,
    log: (event, times) => void log.push(times === 1 ? event : `${event} (${times} times)`),
    ...others,
  });
  const peers: Peer[] = [];
  const peer = (listener = 0) => {
    const made = new Peer(server.addresses[listener] as ListenAddress);
    peers.push(made);
    return made;
  };
  try {
    await run({ server, service, clock, log, peer });
  } finally {
    for (const made of peers) made.close();
    const stopped = server.stop(1000);
    clock.pass(2);
    await stopped;
  }
}

/** A certificate for one name. */
export const certificateFor = (host: string) => ({ place: host, ...selfSigned(host) });

/** For servers that offer TLS: on loopback, plain and inside TLS, with a certificate for mx.example. */
export const withTls = () => ({
  listen: [
    { host: '127.0.0.1', port: 0 },
    { host: '127.0.0.1', port: 0, protocol: 'smtps' },
  ] as const,
  certificates: new Certificates([certificateFor('mx.example')]),
});

/** For servers to which this machine is a stranger. */
export const strangers = { neighbours: { has: () => false } };

export const hello = 'EHLO client.example\r\n';
export const transaction = 'MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n';
export const mail = `${transaction}content\r\n.\r\n`;
