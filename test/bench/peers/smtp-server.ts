/** nodemailer's smtp-server, throwing the mail away: the yardstick for sockets and parsing in Node. */
import { join } from 'node:path';
import { listeningPort, startChild } from '../child.js';
import type { Peer } from '../peer.js';

export const smtpServer: Peer = {
  name: 'smtp-server, throws mail away',
  missing: () => undefined,
  async start({ maxSize }) {
    const program = join(import.meta.dirname, 'smtp-server-program.js');
    const child = startChild(process.execPath, [program, `${maxSize}`]);
    return {
      port: await listeningPort(child),
      pid: child.pid,
      async stop() {
        await child.stop();
        return undefined;
      },
    };
  },
};
