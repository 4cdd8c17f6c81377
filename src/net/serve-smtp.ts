/** Server: listeners that take connections for one mail service, within limits, until they are stopped. */
import type { Duplex } from 'node:stream';
import type { MailService } from '../smtp/mail-service.js';
import type { SessionLimits } from '../smtp/settings.js';
import { Admission, type SessionWatch } from './admission.js';
import { CalmLog } from './calm-log.js';
import type { Certificates } from './certificates.js';
import { checkOptions } from './check-options.js';
import { type Clock, realClock } from './clock.js';
import { type ConnectionLimits, defaultConnectionLimits, type NetworkEvent } from './limits.js';
import { type ListenAddress, Listener } from './listener.js';
import { type Networks, parseNetworks } from './networks.js';

export interface ServeOptions {
  /** Addresses, or listeners that were bound before. */
  readonly listen: readonly (ListenAddress | Listener)[];
  readonly service: MailService;
  /** The server's name in greeting and hello. */
  readonly hostname: string;
  readonly limits?: Partial<SessionLimits & ConnectionLimits>;
  /** Without certificates there is no TLS: none is offered, and `smtps` cannot be listened for. */
  readonly certificates?: Certificates;
  /** Whether mail is taken inside TLS only. Sessions over unix sockets and streams are as safe without. */
  readonly requireTls?: boolean;
  /** Clients that are not made to wait, and not counted by rate; those of this machine unless said otherwise. */
  readonly neighbours?: Networks;
  /** Proxies: each connection of theirs begins with a PROXY header, which says who the client is. */
  readonly proxies?: Networks;
  /** Programs that may say by XCLIENT who the client is. */
  readonly xclients?: Networks;
  /** What becomes of a client that speaks before it was greeted; "refuse" unless said otherwise. */
  readonly earlyTalkers?: 'answer' | 'refuse';
  /** Told of an event at once, and of those like it that follow once in `logSeconds`, with how many there were. */
  readonly log?: (event: NetworkEvent, times: number) => void;
  readonly clock?: Clock;
  /** Told of each session, when it begins and when it is over. */
  readonly onSession?: SessionWatch;
  /** Told of the code of each reply. */
  readonly onReply?: (code: number) => void;
  /** Told of each connection that a listener took. */
  readonly onAccepted?: () => void;
}

export interface SmtpServer {
  /** The addresses listened on, in the order of `listen`, with the ports that were given. */
  readonly addresses: readonly ListenAddress[];
  /** Serves one session over a stream that is no socket, such as standard input and output. Resolves when it is over. */
  serveStream(stream: Duplex, protocol: 'smtp' | 'lmtp'): Promise<void>;
  /**
   * Stops listening, lets transactions under way finish for at most so long, then cuts off. Resolves when nothing is
   * left. A later call may shorten the time.
   */
  stop(withinMilliseconds: number): Promise<void>;
}

const loopback = parseNetworks(['127.0.0.0/8', '::1']);

/** Listens, and serves until `stop`. Throws a Problem if an option cannot be meant, or an address not be had; then none is listened on. */
export async function serveSmtp(options: ServeOptions): Promise<SmtpServer> {
  checkOptions(options);
  const clock = options.clock ?? realClock;
  const limits = { ...defaultConnectionLimits, ...options.limits };
  const calm = new CalmLog<NetworkEvent>(options.log ?? (() => undefined), clock, limits.logSeconds);
  const log = calm.tell;
  const listeners: Listener[] = [];
  const closeListeners = () => Promise.all(listeners.map((listener) => listener.close()));
  try {
    for (const one of options.listen)
      listeners.push(one instanceof Listener ? one : await Listener.bind(one));
  } catch (error) {
    await closeListeners();
    throw error;
  }

  const admission = new Admission({
    ...options,
    neighbours: options.neighbours ?? loopback,
    log,
    clock,
    limits,
    sessionLimits: options.limits ?? {},
  });
  for (const listener of listeners)
    listener.serve(
      (socket) => {
        admission.take(socket, listener.address);
        options.onAccepted?.();
      },
      () => log('accept failed'),
    );
  const stopTicking = clock.every(1000, () => admission.tick());

  let stopped: Promise<void> | undefined;
  const stop = async () => {
    const listenersClosed = closeListeners();
    admission.drain();
    await admission.empty();
    stopTicking();
    calm.end();
    await listenersClosed;
  };
  return {
    addresses: listeners.map(({ address }) => address),
    serveStream: (stream, protocol) => admission.takeStream(stream, protocol),
    async stop(withinMilliseconds) {
      stopped ??= stop();
      const cancel = clock.after(withinMilliseconds, () => admission.cutOff());
      await stopped;
      cancel();
    },
  };
}
