/** nodemailer's smtp-server in three ways: it throws mail away, keeps it in plaintext, or encrypts each message with openpgp. */
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listeningPort, startChild } from '../child.js';
import type { Peer } from '../peer.js';
import { installed, versionOf } from './installed.js';

const program = join(import.meta.dirname, 'smtp-server-program.js');
const require = createRequire(import.meta.url);
const version = () => `smtp-server ${require('smtp-server/package.json').version}`;

/** The yardstick for sockets and parsing in Node. */
export const smtpServer: Peer = {
  name: 'smtp-server, throws mail away',
  forEach: false,
  missing: () => undefined,
  version,
  async start({ maxSize, launcher }) {
    const child = startChild(process.execPath, [program, `${maxSize}`], {}, launcher);
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

/** Writes to a Maildir and syncs before it answers. `words`: more for its program. */
function keeping(
  description: Omit<Peer, 'start'>,
  words: () => readonly string[],
  isRight: (content: string) => boolean,
): Peer {
  return {
    ...description,
    async start({ maxSize, launcher }) {
      const folder = await mkdtemp(join(tmpdir(), 'obalka-bench-maildir-'));
      for (const name of ['tmp', 'new', 'cur']) await mkdir(join(folder, name));
      // Enough threads that no session waits for another one's fsync.
      const threads = { UV_THREADPOOL_SIZE: '24' };
      const args = [program, `${maxSize}`, folder, ...words()];
      const child = startChild(process.execPath, args, threads, launcher);
      return {
        port: await listeningPort(child),
        pid: child.pid,
        async stop() {
          try {
            await child.stop();
            const names = await readdir(join(folder, 'new'));
            const content = names[0] && (await readFile(join(folder, 'new', names[0]), 'latin1'));
            if (content && !isRight(content)) throw new Error(`${description.name}: not what it should keep`);
            return names.length;
          } finally {
            await rm(folder, { recursive: true, force: true });
          }
        },
      };
    },
  };
}

const hasHeader = (content: string) => /^From: /m.test(content);

/** What durable mail costs without sealing. */
export const smtpServerMaildir = keeping(
  {
    name: 'smtp-server, Maildir + fsync, plaintext',
    forEach: false,
    missing: () => undefined,
    version: () => `${version()}, one file for all recipients`,
  },
  () => [],
  hasHeader,
);

/** What durable mail costs when each message is encrypted the usual way. `peers`: the folder in which openpgp is installed. */
export const smtpServerOpenPgp = (peers: string | undefined): Peer =>
  keeping(
    {
      name: 'smtp-server, openpgp per message, fsync',
      forEach: true,
      missing: () => installed(peers, 'openpgp'),
      version: () => `${version()}, openpgp ${versionOf(peers, 'openpgp')} with Curve25519 keys`,
    },
    () => [createRequire(join(peers ?? '', 'package.json')).resolve('openpgp')],
    (content) => content !== '' && !hasHeader(content),
  );
