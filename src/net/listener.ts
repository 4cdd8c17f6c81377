/** Listener: one place where connections are taken, bound before anybody is served there. */
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { Problem } from '../core/errors.js';
import { lendReads } from './lent-reads.js';

/** SMTP with STARTTLS, SMTP inside TLS from the first octet (RFC 8314), LMTP (RFC 2033). */
export type ListenProtocol = 'smtp' | 'smtps' | 'lmtp';

/** A TCP port (0: any that is free), the path of a unix socket, or a descriptor that already listens. */
export type Endpoint =
  | { readonly host: string; readonly port: number }
  | { readonly path: string }
  | { readonly fd: number };

/** Where to listen, and what is spoken there: SMTP unless said otherwise. */
export type ListenAddress = Endpoint & { readonly protocol?: ListenProtocol };

/** sockaddr_un holds 108 octets, one of them a NUL; Node would cut a longer path off in silence. */
export const maxSocketPathOctets = 107;

/** A bound socket. Connections that come before `serve` wait, and have a place among the accepted ones. */
export class Listener {
  /** With the host and port that were really bound. A unix socket that was passed keeps its number: it does not say its path. */
  readonly address: ListenAddress;
  readonly #server: Server;
  #early: Socket[] = [];
  #take: ((socket: Socket) => void) | undefined;

  private constructor(server: Server, address: ListenAddress) {
    this.#server = server;
    this.address = address;
    server.on('connection', (socket) => {
      if (this.#take !== undefined) this.#take(lendReads(socket));
      else if (this.#early.length < mostEarly) this.#early.push(socket.on('error', ignore));
      else socket.destroy();
    });
  }

  /** Binds and listens. Throws a Problem if the address cannot be had. */
  static async bind(address: ListenAddress): Promise<Listener> {
    if ('path' in address) checkSocketPath(address.path);
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await new Promise<void>((done, fail) => {
      server.once('error', (error: NodeJS.ErrnoException) => fail(cannotListen(address, error.code ?? '')));
      server.listen({ ...endpoint(address), backlog: 511 }, done);
    });
    server.removeAllListeners('error');
    const bound = server.address();
    const { protocol = 'smtp' } = address;
    if (typeof bound === 'string') return new Listener(server, { protocol, path: bound });
    if (bound === null) return new Listener(server, { ...address, protocol });
    return new Listener(server, { protocol, host: bound.address, port: bound.port });
  }

  /** Serves from now on: `take` gets each connection, `failed` is called when one could not be accepted. */
  serve(take: (socket: Socket) => void, failed: () => void): void {
    this.#server.on('error', failed);
    this.#take = take;
    for (const socket of this.#early.splice(0)) {
      socket.off('error', ignore);
      if (!socket.destroyed) take(socket);
    }
  }

  /** Takes no more connections. Resolves when those it gave out are gone too. */
  close(): Promise<void> {
    for (const socket of this.#early.splice(0)) socket.destroy();
    return new Promise((done) => this.#server.close(() => done()));
  }
}

/** Connections that may wait for `serve`. */
const mostEarly = 100;
const ignore = () => undefined;

function endpoint(address: ListenAddress): ListenOptions | { fd: number } {
  if ('fd' in address) return { fd: address.fd };
  return 'path' in address ? { path: address.path } : { host: address.host, port: address.port };
}

/** Throws a usage Problem for a path that no socket can have. */
export function checkSocketPath(path: string): void {
  if (Buffer.byteLength(path) > maxSocketPathOctets)
    throw new Problem(
      'usage',
      `cannot listen on ${path}: too long for a socket; write a path of at most ${maxSocketPathOctets} octets`,
    );
}

/** What a system's error says to whoever named the address. */
export function cannotListen(address: Endpoint, code: string): Problem {
  const where =
    'fd' in address
      ? `descriptor ${address.fd}`
      : 'path' in address
        ? address.path
        : `${address.host} port ${address.port}`;
  const reasons: Record<string, string> = {
    EADDRINUSE:
      'path' in address
        ? 'the socket file exists; stop the server that uses it, or remove the file if none does'
        : 'the port is in use; stop the program that uses it, or choose another port',
    EACCES:
      'path' in address
        ? 'the folder for the socket is missing, or may not be written by this user'
        : 'permission denied; ports below 1024 need a privilege',
    EADDRNOTAVAIL: 'this machine has no such address; choose one that it has',
    ENOTFOUND: 'no such host name; give an IP address',
    ENOENT: 'the folder for the socket does not exist; make it first',
    EINVAL: 'the system does not accept this address',
  };
  const noSocket =
    'fd' in address ? 'it is no listening socket; pass one, as systemd does for a .socket unit' : undefined;
  return new Problem('failure', `cannot listen on ${where}: ${noSocket ?? reasons[code] ?? code}`);
}
