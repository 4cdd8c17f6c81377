/** The tour's own obalka: runs the real commands, each printed before it runs. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Problem } from '../../core/errors.js';
import { print } from '../terminal/output.js';

const programFile = join(import.meta.dirname, '../obalka.js');

export interface TourServer {
  readonly port: number;
  stop(): Promise<void>;
}

export class Obalka {
  constructor(readonly folder: string) {}

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Prints and runs a command; its output is shown indented. */
  async run(...words: readonly string[]): Promise<void> {
    await print(`$ obalka ${words.join(' ')}`);
    const lines = await this.#output(words, ['ignore', 'pipe', 'pipe']);
    await print(...lines.map((line) => `  ${line}`));
  }

  /** The ids of an identity's mail, oldest first. */
  async ids(identity: string): Promise<string[]> {
    const words = ['list', '--identity', identity, '--data', 'data', '--json'];
    const lines = await this.#output(words, ['ignore', 'pipe', 'ignore']);
    return lines.map((line) => (JSON.parse(line) as { id: string }).id);
  }

  /** Starts the server and waits until it accepts. */
  async serve(...words: readonly string[]): Promise<TourServer> {
    await print(`$ obalka serve ${words.join(' ')} &`);
    const child = spawn(process.execPath, [programFile, 'serve', ...words], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: this.#environment(),
    });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    for await (const line of createInterface({ input: child.stdout })) {
      await print(`  ${line}`);
      const port = Number(/:(\d+)$/.exec(line)?.[1]);
      return {
        port,
        async stop() {
          child.kill('SIGTERM');
          await ended;
        },
      };
    }
    throw new Problem('failure', 'the server of the tour did not start; what it said stands above');
  }

  /** What the tour reads is remembered in the tour's folder, not among the person's own pins; and it is the same for all. */
  #environment(): NodeJS.ProcessEnv {
    return { ...process.env, OBALKA_PINS: this.path('pins.json'), OBALKA_CONFIG: 'none' };
  }

  async #output(words: readonly string[], stdio: ('ignore' | 'pipe')[]): Promise<string[]> {
    const env = this.#environment();
    const child = spawn(process.execPath, [programFile, ...words], { cwd: this.folder, stdio, env });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    if (code !== 0)
      throw new Problem('failure', `obalka ${words.join(' ')} ended with ${code}: ${text.trim()}`);
    return text.split('\n').filter((line, index, lines) => index < lines.length - 1 || line !== '');
  }
}
