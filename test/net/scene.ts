/** A scene: a server on loopback, its service, its clock, and as many bare clients as wanted. */
import { type ServeOptions, type SmtpServer, serveSmtp } from '../../src/net/serve-smtp.js';
import { HandClock } from './hand-clock.js';
import { MemoryService } from './memory-service.js';
import { Peer } from './peer.js';

export interface Scene {
  readonly server: SmtpServer;
  readonly service: MemoryService;
  readonly clock: HandClock;
  readonly log: string[];
  peer(): Peer;
}

export async function scene(
  run: (scene: Scene) => Promise<void>,
  limits: ServeOptions['limits'] = {},
): Promise<void> {
  const service = new MemoryService();
  const clock = new HandClock();
  const log: string[] = [];
  const server = await serveSmtp({
    listen: [{ host: '127.0.0.1', port: 0 }],
    service,
    hostname: 'mx.example',
    limits,
    clock,
    log: (event) => void log.push(event),
  });
  const peers: Peer[] = [];
  const peer = () => {
    const made = new Peer(server.addresses[0] as { host: string; port: number });
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

export const hello = 'EHLO client.example\r\n';
export const transaction = 'MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n';
export const mail = `${transaction}content\r\n.\r\n`;
