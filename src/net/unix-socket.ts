/** Unix socket: whether anybody listens at a path. */
import { connect } from 'node:net';

/** True if a connection is taken there, or might be: only a refusal says that the socket was left behind. */
export function answersAt(path: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => done(error.code !== 'ECONNREFUSED'));
  });
}
