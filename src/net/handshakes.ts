/** Handshakes: puts TLS on a socket, for so many at a time, and no longer than allowed. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { Census } from './census.js';
import type { Certificates } from './certificates.js';
import type { Clock } from './clock.js';
import type { ConnectionLimits, NetworkEvent } from './limits.js';

export interface HandshakeSettings {
  readonly certificates: Certificates;
  readonly limits: ConnectionLimits;
  readonly clock: Clock;
  readonly log: (event: NetworkEvent) => void;
}

export class Handshakes {
  readonly #settings: HandshakeSettings;
  readonly #census: Census;

  constructor(settings: HandshakeSettings) {
    this.#settings = settings;
    this.#census = new Census(settings.limits.handshakes, settings.limits.handshakesPerNetwork);
  }

  /** Takes a place for a handshake; false at a cap. */
  reserve(network: string): boolean {
    if (this.#census.enter(network)) return true;
    this.#settings.log('handshakes capped');
    return false;
  }

  /** Gives back a place that was reserved and not used. */
  release(network: string): void {
    this.#census.leave(network);
  }

  /**
   * Begins in a reserved place. The socket must have no data listener and no output under way; what it has read and not
   * given out belongs to the handshake. `done` gets the secured socket; if nothing came of it, the socket is destroyed
   * and `done` gets undefined. Errors of the secured socket come as an ordinary `error`.
   */
  begin(socket: Socket, network: string, done: (secured: TLSSocket | undefined) => void): void {
    const { certificates, limits, clock } = this.#settings;
    const secured = new TLSSocket(socket, {
      isServer: true,
      requestCert: false,
      secureContext: certificates.contextFor(),
      SNICallback: (name, answer) => answer(null, certificates.contextFor(name)),
    });
    plainOf.set(secured, socket);
    const over = (result: TLSSocket | undefined) => {
      cancel();
      secured.off('secure', established).off('end', end).off('close', failed).off('error', ignore);
      this.#census.leave(network);
      if (result === undefined) this.#settings.log('handshake failed');
      done(result);
    };
    const established = () => over(secured);
    const failed = () => over(undefined);
    // Half a connection makes no handshake.
    const end = () => socket.destroy();
    const cancel = clock.after(1000 * limits.handshakeSeconds, () => socket.destroy());
    secured.on('secure', established).on('end', end).on('close', failed).on('error', ignore);
    // Faults after the handshake: a server of node:tls would destroy the socket, one that stands alone must itself.
    secured.on('_tlsError', () => secured.destroy());
    socket.on('error', ignore);
  }
}

/** The socket under each secured one. */
const plainOf = new WeakMap<TLSSocket, Socket>();

/** What handshakes and records without content may take at first, and for each octet: an honest record of one has 23. */
const overhead = { octets: 2 ** 20, factor: 64 };

/**
 * Whether far more came than content accounts for: requests for new keys, each of which OpenSSL answers, whoever takes
 * the answers. They pile up where no flow control reaches.
 */
export function isAllOverhead(secured: TLSSocket): boolean {
  const raw = plainOf.get(secured)?.bytesRead ?? 0;
  return raw > overhead.octets + overhead.factor * secured.bytesRead;
}

/** What protects a secured socket, as the prelude says it. */
export function protectionOf(socket: TLSSocket): { protocol: string; cipher: string } {
  return { protocol: socket.getProtocol() ?? '', cipher: socket.getCipher().standardName };
}

const ignore = () => undefined;
