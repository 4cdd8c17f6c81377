/** Server: listeners that take connections for one mail service, within caps, until they are stopped. */
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { Problem } from '../core/errors.js';
import type { Client, MailService } from '../smtp/mail-service.js';
import { replies } from '../smtp/replies.js';
import { type SessionLimits, sessionSettings } from '../smtp/settings.js';
import { Census } from './census.js';
import { type Clock, realClock } from './clock.js';
import { Connection, type ConnectionSettings } from './connection.js';
import { type ConnectionLimits, defaultConnectionLimits, type NetworkEvent } from './limits.js';

/** Where to listen: a TCP port (0: any that is free), or the path of a unix socket. */
export type ListenAddress = { readonly host: string; readonly port: number } | { readonly path: string };

export interface ServeOptions {
  readonly listen: readonly ListenAddress[];
  readonly service: MailService;
  /** The server's name in greeting and hello. */
  readonly hostname: string;
  readonly limits?: Partial<SessionLimits & ConnectionLimits>;
  readonly log?: (event: NetworkEvent) => void;
  readonly clock?: Clock;
}

export interface SmtpServer {
  /** The addresses listened on, in the order of `listen`, with the ports that were given. */
  readonly addresses: readonly ListenAddress[];
  /** Stops listening, lets transactions under way finish for at most so long, then cuts off. Resolves when nothing is left. */
  stop(withinMilliseconds: number): Promise<void>;
}

/** Refused connections that are kept until they have read why. */
const refusedAtOnce = 200;

/** Listens, and serves until `stop`. Throws a Problem if an address cannot be had; then none is listened on. */
export async function serveSmtp(options: ServeOptions): Promise<SmtpServer> {
  const limits = { ...defaultConnectionLimits, ...options.limits };
  const clock = options.clock ?? realClock;
  const settings: ConnectionSettings = {
    service: options.service,
    session: sessionSettings(options.hostname, options.limits),
    limits,
    log: options.log ?? (() => {}),
  };
  const census = new Census(limits.connections, limits.connectionsPerNetwork);
  const connections = new Set<Connection>();
  const refused = new Set<Socket>();
  let whenEmpty = () => {};

  const refuse = (socket: Socket) => {
    settings.log('connection capped');
    socket.on('error', () => {});
    if (refused.size >= refusedAtOnce) {
      socket.destroy();
      return;
    }
    refused.add(socket);
    socket.on('close', () => refused.delete(socket));
    socket.end(replies.tooManyConnections.bytes);
    socket.resume();
  };

  const take = (socket: Socket, transport: 'tcp' | 'unix') => {
    const client: Client = {
      protocol: 'smtp',
      transport,
      address: socket.remoteAddress ?? '',
      port: socket.remotePort ?? 0,
    };
    if (!census.enter(client.address)) {
      refuse(socket);
      return;
    }
    const connection: Connection = new Connection(socket, client, settings, () => {
      census.leave(client.address);
      connections.delete(connection);
      if (connections.size === 0) whenEmpty();
    });
    connections.add(connection);
  };

  const servers: Server[] = [];
  const closeServers = () => Promise.all(servers.map((server) => closed(server)));
  const addresses: ListenAddress[] = [];
  try {
    for (const address of options.listen) {
      const transport = 'path' in address ? 'unix' : 'tcp';
      const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
        take(socket, transport),
      );
      addresses.push(await listening(server, address, () => settings.log('accept failed')));
      servers.push(server);
    }
  } catch (error) {
    await closeServers();
    throw error;
  }

  let refusedBefore: Socket[] = [];
  const stopTicking = clock.every(1000, () => {
    for (const connection of connections) connection.tick();
    for (const socket of refusedBefore) socket.destroy();
    refusedBefore = [...refused];
  });

  const stop = async (withinMilliseconds: number) => {
    const serversClosed = closeServers();
    for (const connection of connections) connection.drain();
    const cancel = clock.after(withinMilliseconds, () => {
      for (const connection of connections) connection.destroy();
    });
    await new Promise<void>((done) => {
      whenEmpty = done;
      if (connections.size === 0) done();
    });
    cancel();
    for (const socket of refused) socket.destroy();
    stopTicking();
    await serversClosed;
  };
  let stopped: Promise<void> | undefined;
  return {
    addresses,
    stop: (withinMilliseconds) => {
      stopped ??= stop(withinMilliseconds);
      return stopped;
    },
  };
}

function closed(server: Server): Promise<void> {
  return new Promise((done) => server.close(() => done()));
}

function listening(server: Server, address: ListenAddress, failedLater: () => void): Promise<ListenAddress> {
  const options: ListenOptions = 'path' in address ? { path: address.path } : { ...address };
  return new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => fail(cannotListen(address, error.code ?? '')));
    server.listen({ ...options, backlog: 511 }, () => {
      server.removeAllListeners('error').on('error', failedLater);
      const bound = server.address();
      done(bound === null || typeof bound === 'string' ? address : { host: bound.address, port: bound.port });
    });
  });
}

function cannotListen(address: ListenAddress, code: string): Problem {
  const where = 'path' in address ? address.path : `${address.host} port ${address.port}`;
  const reasons: Record<string, string> = {
    EADDRINUSE:
      'path' in address
        ? 'the socket file exists; stop the server that uses it, or remove the file if none does'
        : 'the port is in use; stop the program that uses it, or choose another port',
    EACCES: 'permission denied; ports below 1024 need a privilege, and a unix socket a folder one may write',
    EADDRNOTAVAIL: 'this machine has no such address; choose one that it has',
    ENOTFOUND: 'no such host name; give an IP address',
    ENOENT: 'the folder for the socket does not exist; make it first',
    EINVAL: 'the system does not accept this address',
  };
  return new Problem('failure', `cannot listen on ${where}: ${reasons[code] ?? code}`);
}
