/** Reads the PROXY header off a socket, and leaves everything behind it to whoever reads on. */
import type { Socket } from 'node:net';
import type { Clock } from './clock.js';
import { type ProxyHeader, readProxyHeader } from './proxy-protocol.js';

/**
 * Calls `done` with the header, the socket being paused then; or with nothing if there was none in so many seconds: then
 * the socket is destroyed.
 */
export function readProxy(
  socket: Socket,
  { seconds, clock }: { readonly seconds: number; readonly clock: Clock },
  done: (header?: ProxyHeader & { readonly state: 'done' }) => void,
): void {
  let start: Buffer = Buffer.alloc(0);
  const refuse = () => {
    over();
    socket.destroy();
    done();
  };
  const cancel = clock.after(1000 * seconds, refuse);
  const receive = (bytes: Buffer) => {
    start = Buffer.concat([start, bytes]);
    const header = readProxyHeader(start);
    if (header.state === 'refused') refuse();
    if (header.state !== 'done') return;
    over();
    socket.pause();
    if (start.length > header.size) socket.unshift(start.subarray(header.size));
    done(header);
  };
  const over = () => {
    cancel();
    socket.off('data', receive).off('lent', receive).off('close', refuse).off('end', refuse);
  };
  socket.on('data', receive).on('lent', receive).on('close', refuse).on('end', refuse);
  socket.on('error', () => undefined);
}
