/** nodemailer's smtp-server that writes plaintext to a Maildir and syncs before it answers: what durable mail costs without sealing. */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listeningPort, startChild } from '../child.js';
import type { Peer } from '../peer.js';

export const smtpServerMaildir: Peer = {
  name: 'smtp-server, Maildir + fsync, plaintext',
  missing: () => undefined,
  async start({ maxSize }) {
    const folder = await mkdtemp(join(tmpdir(), 'obalka-bench-maildir-'));
    for (const name of ['tmp', 'new', 'cur']) await mkdir(join(folder, name));
    const program = join(import.meta.dirname, 'smtp-server-program.js');
    // Enough threads that no session waits for another one's fsync.
    const child = startChild(process.execPath, [program, `${maxSize}`, folder], { UV_THREADPOOL_SIZE: '24' });
    return {
      port: await listeningPort(child),
      pid: child.pid,
      async stop() {
        try {
          await child.stop();
          return (await readdir(join(folder, 'new'))).length;
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      },
    };
  },
};
