/**
 * Lent reads: plain connections read into one buffer of the process. Node otherwise takes 64 KiB from the system for
 * every read, and the collector gives them back much later: half of what a read of large mail costs.
 */
import { Socket } from 'node:net';

/** What one read takes at most, in octets. */
const room = Buffer.allocUnsafeSlow(2 ** 16);

/**
 * The same connection under another socket, which tells of what it read by the event `lent` and not by `data`: a view of
 * octets that the next read writes over, whichever connection it is of. The socket that was given is over; it must
 * just have been accepted. One that Node made otherwise than we know it comes back as it was.
 */
export function lendReads(accepted: Socket): Socket {
  const handle: unknown = Reflect.get(accepted, '_handle');
  if (typeof handle !== 'object' || handle === null || accepted.readableLength > 0) return accepted;
  const options = {
    // As Node's own server makes sockets.
    handle,
    allowHalfOpen: accepted.allowHalfOpen,
    onread: {
      buffer: room,
      callback(length: number): boolean {
        lent.emit('lent', room.subarray(0, length));
        return true;
      },
    },
  };
  const lent = new Socket(options);
  // The server counts it until it is closed.
  Reflect.set(lent, '_server', Reflect.get(accepted, '_server'));
  Reflect.set(accepted, '_server', null);
  Reflect.set(accepted, '_handle', null);
  return lent;
}
