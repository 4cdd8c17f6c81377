/** obalka, started by its commands as a user would start it. Every mail it accepted must be listed afterwards. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { listeningPort, runProgram, startChild } from '../child.js';
import { benchRecipient, type Peer } from '../peer.js';

const program = resolve(import.meta.dirname, '../../../src/cli/obalka.js');

async function countListed(data: string, identity: string): Promise<number> {
  const list = spawn(process.execPath, [program, 'list', '--data', data, '--identity', identity, '--json'], {
    // No pins of the person who measures.
    env: { ...process.env, OBALKA_PINS: 'none' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((done) => list.on('close', done));
  let lines = 0;
  for await (const line of createInterface({ input: list.stdout })) if (line !== '') lines += 1;
  const code = await ended;
  if (code !== 0) throw new Error(`obalka list ended with ${code}`);
  return lines;
}

/** `options`: more words for `serve`. */
export const obalkaWith = (...options: readonly string[]): Peer => named('obalka', options);

const named = (name: string, options: readonly string[]): Peer => ({
  name,
  missing: () => (existsSync(program) ? undefined : `there is no ${program}`),
  async start({ maxSize }) {
    const folder = await mkdtemp(join(tmpdir(), 'obalka-bench-'));
    const data = join(folder, 'data');
    const identity = join(folder, 'identity');
    const command = (...args: string[]) => runProgram(process.execPath, [program, ...args]);
    try {
      await command('key', 'new', identity);
      await command('init', '--data', data);
      await command('register', benchRecipient, '--key', `${identity}.pub`, '--data', data);
      const serve = ['serve', '--data', data, '--listen', '127.0.0.1:0', '--hostname', 'bench.example'];
      const child = startChild(process.execPath, [program, ...serve, '--max-size', `${maxSize}`, ...options]);
      return {
        port: await listeningPort(child),
        pid: child.pid,
        async stop() {
          try {
            await child.stop();
            return await countListed(data, identity);
          } finally {
            await rm(folder, { recursive: true, force: true });
          }
        },
      };
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  },
});

export const obalka = obalkaWith();

/** A worker for each core. */
export const obalkaWorkers = named(`obalka, ${availableParallelism()} workers`, [
  '--workers',
  `${availableParallelism()}`,
]);
