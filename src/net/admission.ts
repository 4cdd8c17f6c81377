/** Admission: what a connection must pass before it becomes a session, and all connections there are. */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Client, MailService } from '../smtp/mail-service.js';
import { replies } from '../smtp/replies.js';
import { Session } from '../smtp/session.js';
import { type SessionLimits, type SessionSettings, sessionSettings } from '../smtp/settings.js';
import { Census } from './census.js';
import type { Certificates } from './certificates.js';
import type { Clock } from './clock.js';
import { Connection, type ConnectionSettings } from './connection.js';
import { Handshakes, protectionOf } from './handshakes.js';
import type { ConnectionLimits, NetworkEvent } from './limits.js';
import type { ListenAddress, ListenProtocol } from './listener.js';
import { networkOf } from './network-of.js';
import { type Networks, plainAddress } from './networks.js';
import { Pace } from './pace.js';
import { readProxy } from './read-proxy.js';
import { Refusals } from './refusals.js';
import type { Visitor } from './visitor.js';

export interface AdmissionSettings {
  readonly service: MailService;
  readonly hostname: string;
  readonly limits: ConnectionLimits;
  readonly sessionLimits: Partial<SessionLimits>;
  readonly certificates?: Certificates;
  readonly requireTls?: boolean;
  readonly neighbours?: Networks;
  readonly proxies?: Networks;
  readonly xclients?: Networks;
  readonly earlyTalkers?: 'answer' | 'refuse';
  readonly log: (event: NetworkEvent) => void;
  readonly clock: Clock;
  readonly onSession?: SessionWatch;
  readonly onReply?: (code: number) => void;
}

/** Told of each session: when it begins, and when it is over. */
export type SessionWatch = (protocol: 'smtp' | 'lmtp', step: 'began' | 'over') => void;

export class Admission {
  readonly #settings: AdmissionSettings;
  readonly #shared: ConnectionSettings;
  readonly #census: Census;
  readonly #rate: Pace;
  readonly #handshakes: Handshakes | undefined;
  readonly #sessions = new Map<string, SessionSettings>();
  readonly #connections = new Set<Connection>();
  /** Sockets that are no session yet. */
  readonly #arriving = new Set<Socket>();
  readonly #refusals: Refusals;
  #stopping = false;
  #whenEmpty = () => {};

  constructor(settings: AdmissionSettings) {
    const { limits, clock, log, certificates } = settings;
    this.#settings = settings;
    this.#handshakes = certificates && new Handshakes({ certificates, limits, clock, log });
    this.#shared = {
      service: settings.service,
      log,
      limits,
      clock,
      guesses: new Pace({ interval: 1000 * limits.guessSeconds, burst: limits.quickGuesses }),
      earlyTalkers: settings.earlyTalkers ?? 'refuse',
      handshakes: this.#handshakes,
      become: (visitor, address, port) => this.#become(visitor, address, port),
    };
    this.#census = new Census(limits.connections, limits.connectionsPerNetwork);
    const { connectionsPerMinute } = limits;
    const interval = connectionsPerMinute === 0 ? 0 : 60_000 / connectionsPerMinute;
    this.#rate = new Pace({ interval, burst: connectionsPerMinute });
    this.#refusals = new Refusals(limits.connections);
  }

  /** A socket that a listener accepted. */
  take(socket: Socket, { protocol = 'smtp', ...where }: ListenAddress): void {
    const client: Client = {
      protocol: protocol === 'lmtp' ? 'lmtp' : 'smtp',
      transport: 'host' in where ? 'tcp' : 'unix',
      address: plainAddress(socket.remoteAddress ?? ''),
      port: socket.remotePort ?? 0,
    };
    if (this.#settings.proxies?.has(client.address)) this.#askProxy(socket, client, protocol);
    else this.#admit(socket, client, protocol);
  }

  /** A stream that is no socket: one session, in no count. Resolves when it is over. */
  takeStream(stream: Duplex, protocol: 'smtp' | 'lmtp'): Promise<void> {
    const client: Client = { protocol, transport: 'stdio', address: '', port: 0 };
    return new Promise((leave) => this.#start(stream, { client, network: '', spared: true }, () => leave()));
  }

  /** One second has passed. */
  tick(): void {
    for (const connection of this.#connections) connection.tick();
    this.#refusals.tick();
  }

  /** No more connections; those that are idle are sent away. */
  drain(): void {
    this.#stopping = true;
    for (const socket of this.#arriving) socket.destroy();
    for (const connection of this.#connections) connection.drain();
  }

  /** Ends all connections without a word. */
  cutOff(): void {
    for (const connection of this.#connections) connection.abandon();
    this.#refusals.cutOff();
  }

  /** Resolves when no connection is left. To be called after `drain`. */
  async empty(): Promise<void> {
    await new Promise<void>((done) => {
      this.#whenEmpty = done;
      if (this.#connections.size === 0) done();
    });
    this.#refusals.cutOff();
  }

  #visitor(client: Client): Visitor {
    const { limits, neighbours } = this.#settings;
    const { address } = client;
    const bits = { v4: limits.networkBits4, v6: limits.networkBits6 };
    return {
      client,
      network: address === '' ? '' : networkOf(address, bits),
      spared: address === '' || neighbours?.has(address) === true,
    };
  }

  #enter({ network, spared }: Visitor): boolean {
    const now = this.#settings.clock.now();
    const counted = network !== '' && !spared;
    if (counted && this.#rate.wait(network, now) > 0) return false;
    if (!this.#census.enter(network)) return false;
    if (counted) this.#rate.add(network, now);
    return true;
  }

  /** A proxy says who the client is; until then the connection counts among all only. */
  #askProxy(socket: Socket, proxy: Client, protocol: ListenProtocol): void {
    const { limits, clock, log } = this.#settings;
    if (!this.#census.enter('')) {
      this.#cap(socket, protocol);
      return;
    }
    this.#arriving.add(socket);
    readProxy(socket, { seconds: limits.handshakeSeconds, clock }, (header) => {
      this.#arriving.delete(socket);
      this.#census.leave('');
      if (header === undefined) log('proxy header refused');
      else this.#admit(socket, { ...proxy, ...header.client }, protocol);
    });
  }

  #admit(socket: Socket, client: Client, protocol: ListenProtocol): void {
    const visitor = this.#visitor(client);
    if (!this.#enter(visitor)) {
      this.#cap(socket, protocol);
      return;
    }
    const leave = (last: Visitor) => this.#census.leave(last.network);
    if (protocol === 'smtps') this.#secure(socket, visitor, leave);
    else this.#start(socket, visitor, leave);
  }

  #cap(socket: Socket, protocol: ListenProtocol): void {
    this.#settings.log('connection capped');
    // Inside TLS nothing can be said without a handshake, which would cost more than the session.
    if (protocol === 'smtps') socket.on('error', () => undefined).destroy();
    else {
      this.#refusals.refuse(socket, replies.tooManyConnections);
      this.#settings.onReply?.(replies.tooManyConnections.code);
    }
  }

  /** TLS from the first octet. */
  #secure(socket: Socket, visitor: Visitor, leave: (last: Visitor) => void): void {
    const handshakes = this.#handshakes;
    if (!handshakes?.reserve(visitor.network)) {
      socket.on('error', () => undefined).destroy();
      leave(visitor);
      return;
    }
    this.#arriving.add(socket);
    handshakes.begin(socket, visitor.network, (secured) => {
      this.#arriving.delete(socket);
      if (secured === undefined) leave(visitor);
      else {
        const client = { ...visitor.client, tls: protectionOf(secured) };
        this.#start(secured, { ...visitor, client }, leave);
      }
    });
  }

  #start(stream: Duplex, visitor: Visitor, leave: (last: Visitor) => void): void {
    const { client } = visitor;
    const { onSession } = this.#settings;
    const secured = client.tls !== undefined;
    onSession?.(client.protocol, 'began');
    const session = new Session(this.#sessionSettings(client), { secured });
    const connection: Connection = new Connection(stream, visitor, session, this.#shared, (last) => {
      this.#connections.delete(connection);
      onSession?.(client.protocol, 'over');
      leave(last);
      if (this.#connections.size === 0) this.#whenEmpty();
    });
    this.#connections.add(connection);
    if (this.#stopping) connection.drain();
  }

  /** Those of one kind of listener are the same for all its sessions. */
  #sessionSettings({ protocol, transport, address }: Client): SessionSettings {
    const { hostname, sessionLimits, requireTls = false } = this.#settings;
    const offersTls = this.#handshakes !== undefined && transport !== 'stdio';
    // What never leaves the machine needs no protection on the way.
    const requiresTls = requireTls && transport === 'tcp';
    const takesXclient = this.#settings.xclients?.has(address) === true;
    const name = `${protocol} ${offersTls} ${requiresTls} ${takesXclient}`;
    const known = this.#sessions.get(name);
    if (known !== undefined) return known;
    const kind = { protocol, offersTls, requiresTls, takesXclient };
    const { onReply } = this.#settings;
    const made = { ...sessionSettings(hostname, sessionLimits, kind), ...(onReply ? { onReply } : {}) };
    this.#sessions.set(name, made);
    return made;
  }

  #become(visitor: Visitor, address: string, port: number): Visitor | undefined {
    if (address === '') return visitor;
    const other = this.#visitor({ ...visitor.client, address: plainAddress(address), port });
    return this.#census.move(visitor.network, other.network) ? other : undefined;
  }
}
