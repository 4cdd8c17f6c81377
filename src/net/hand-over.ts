/** Hand-over: from the last reply in plaintext to the TLS handshake on the same socket. */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clock } from './clock.js';
import type { Handshakes } from './handshakes.js';

export interface HandOver {
  readonly handshakes: Handshakes;
  /** The network for which a place was reserved among the handshakes. */
  readonly network: string;
  readonly clock: Clock;
  /** How long the last reply may wait to be taken. */
  readonly seconds: number;
}

/**
 * Sends the last words in plaintext, and then lets the handshake have the socket, which must have no listener of its own.
 * `done` gets the secured socket, or undefined if nothing came of it: then the socket is gone.
 */
export function handOver(
  socket: Socket,
  lastWords: Uint8Array | undefined,
  { handshakes, network, clock, seconds }: HandOver,
  done: (secured: TLSSocket | undefined) => void,
): void {
  socket.on('error', () => undefined);
  // The words may never get out: their client need only stop reading.
  const giveUp = clock.after(1000 * seconds, () => socket.destroy());
  const begin = () => {
    giveUp();
    socket.off('close', begin);
    if (socket.destroyed) {
      handshakes.release(network);
      done(undefined);
    } else handshakes.begin(socket, network, done);
  };
  // Only when nothing waits to be written may another take over the socket.
  socket.once('close', begin);
  socket.write(lastWords ?? '', () => {
    if (!socket.destroyed) begin();
  });
}
