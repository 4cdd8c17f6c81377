/** obalka, started by its commands as a user would start it. Every mail it accepted must be listed afterwards. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { random } from '../../../src/cli/random.js';
import { encodePublicKey, identityOf } from '../../../src/seal/keys.js';
import { listeningPort, runProgram, startChild } from '../child.js';
import { benchRecipient, benchRecipients, type Peer } from '../peer.js';

/** The folder that has `dist`, `package.json` and the rest. */
const root = resolve(import.meta.dirname, '../../../..');

/** Nothing of the person who measures. */
const environment = { OBALKA_PINS: 'none', OBALKA_CACHE: 'none' };

/** Another build of obalka, or another way to start it. */
export interface ObalkaPlan {
  readonly name: string;
  /** The folder in which it was built; this one if it is not said. */
  readonly root?: string;
  /** More words for `serve`. */
  readonly options?: readonly string[];
}

async function countListed(program: string, data: string, identity: string): Promise<number> {
  const list = spawn(process.execPath, [program, 'list', '--data', data, '--identity', identity, '--json'], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((done) => list.on('close', done));
  let lines = 0;
  for await (const line of createInterface({ input: list.stdout })) if (line !== '') lines += 1;
  const code = await ended;
  if (code !== 0) throw new Error(`obalka list ended with ${code}`);
  return lines;
}

/** Addresses after the first, each with a key that nobody has. */
function otherRecipients(count: number): string {
  const lines = benchRecipients(count).map(
    (address) => `${address},${encodePublicKey(identityOf(random(32)).publicKey)}`,
  );
  return ['address,key', ...lines.slice(1), ''].join('\n');
}

export const obalkaOf = ({ name, root: built = root, options = [] }: ObalkaPlan): Peer => {
  const program = join(built, 'dist/src/cli/obalka.js');
  return {
    name,
    forEach: true,
    missing: () => (existsSync(program) ? undefined : `there is no ${program}`),
    version: () =>
      `obalka ${JSON.parse(readFileSync(join(built, 'package.json'), 'utf8')).version}, sealed and on disk before 250`,
    async start({ maxSize, recipients = 1, launcher }) {
      const folder = await mkdtemp(join(tmpdir(), 'obalka-bench-'));
      const data = join(folder, 'data');
      const identity = join(folder, 'identity');
      const command = (...args: string[]) => runProgram(process.execPath, [program, ...args]);
      try {
        await command('key', 'new', identity);
        await command('init', '--data', data);
        await command('register', benchRecipient, '--key', `${identity}.pub`, '--data', data);
        if (recipients > 1) {
          await writeFile(join(folder, 'list.csv'), otherRecipients(recipients));
          await command('register', '--list', join(folder, 'list.csv'), '--data', data);
        }
        const serve = ['serve', '--data', data, '--listen', '127.0.0.1:0', '--hostname', 'bench.example'];
        const words = [program, ...serve, '--max-size', `${maxSize}`, ...options];
        const child = startChild(process.execPath, words, environment, launcher);
        return {
          port: await listeningPort(child),
          pid: child.pid,
          async stop() {
            try {
              await child.stop();
              return await countListed(program, data, identity);
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
  };
};

/** `options`: more words for `serve`. */
export const obalkaWith = (...options: readonly string[]): Peer => obalkaOf({ name: 'obalka', options });

export const obalka = obalkaWith();

/** A worker for each core. */
export const obalkaWorkers = obalkaOf({
  name: `obalka, ${availableParallelism()} workers`,
  options: ['--workers', `${availableParallelism()}`],
});
