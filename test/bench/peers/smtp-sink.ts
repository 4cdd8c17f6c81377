/** Postfix's smtp-sink, throwing the mail away: how fast SMTP can be received at all. */
import { findProgram } from '../../peers/program.js';
import { freePort } from '../../support/free-port.js';
import { accepts, startChild } from '../child.js';
import type { Peer } from '../peer.js';
import { postfixVersion } from './postfix-dovecot.js';

export const smtpSink: Peer = {
  name: 'smtp-sink, throws mail away',
  forEach: false,
  missing: () => (findProgram('smtp-sink') ? undefined : 'smtp-sink is not installed (Debian: postfix)'),
  version: () => `smtp-sink of Postfix ${postfixVersion()}`,
  async start({ launcher }) {
    const port = await freePort();
    // As root it insists on another user for the rest of its life.
    const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
    const words = [...user, `127.0.0.1:${port}`, '1024'];
    const child = startChild(findProgram('smtp-sink') as string, words, {}, launcher);
    await accepts(child, port);
    return {
      port,
      pid: child.pid,
      async stop() {
        await child.stop();
        return undefined;
      },
    };
  },
};
