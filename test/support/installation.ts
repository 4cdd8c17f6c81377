/** Installation: the real program in a folder of its own, with keys and servers, gone without a trace at its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { administer } from '../../src/cli/data/administer.js';
import { dataDirectory, initialise } from '../../src/cli/data/data-directory.js';
import { createIdentity, loadIdentityFile } from '../../src/cli/keys/identities.js';
import { random } from '../../src/cli/random.js';
import type { Identity } from '../../src/seal/keys.js';
import { commandIn } from './in-process.js';
import { Server } from './server.js';
import { terminalWords } from './terminal.js';

/** The compiled program, run by the node that runs the tests. */
export const obalka = resolve(import.meta.dirname, '../../src/cli/obalka.js');

/** The same as it is installed: commands that read begin from one file. */
export const packed = resolve(import.meta.dirname, '../../packed/obalka.js');

/** A command that ran to its end. */
export interface Ended {
  /** -1 after a signal. */
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Only what hangs takes so long, on a machine however busy. */
const commandMilliseconds = 180_000;
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class Installation {
  readonly data: string;
  /** Where the program finds its temporary folder. */
  readonly temp: string;
  /** PATH, and folders of this installation for everything else. */
  readonly environment: NodeJS.ProcessEnv;
  readonly #servers: Server[] = [];

  private constructor(readonly folder: string) {
    this.data = join(folder, 'data');
    this.temp = join(folder, 'temp');
    this.environment = {
      PATH: process.env.PATH,
      HOME: join(folder, 'home'),
      TMPDIR: this.temp,
      SQLITE_TMPDIR: this.temp,
      NO_COLOR: '1',
      NODE: process.execPath,
      OBALKA: obalka,
    };
  }

  /** A folder with nothing in it yet. */
  static async empty(): Promise<Installation> {
    const made = new Installation(await mkdtemp(join(tmpdir(), 'obalka-test-')));
    await mkdir(made.temp);
    await mkdir(join(made.folder, 'home'));
    return made;
  }

  /**
   * With a data directory, and a key for each address; identities are named after local parts. The program's own parts
   * make it in this process: ten commands would take seconds.
   */
  static async with(...addresses: readonly string[]): Promise<Installation> {
    const made = await Installation.empty();
    const data = dataDirectory(made.data);
    await initialise(data, { chance: withFewChanges });
    for (const address of addresses) {
      const file = made.identity(address.replace(/@.*/, ''));
      const { identity } = existsSync(file)
        ? { identity: (await loadIdentityFile(file))[0] as Identity }
        : await createIdentity(file);
      const key = Buffer.from(identity.publicKey).toString('hex');
      await administer(data, { command: 'register', address, key, details: {} });
    }
    return made;
  }

  /** Runs a command with --data where it knows it, in the folder, to its end: never two of them at once, as with `bare`. */
  run(...args: readonly string[]): Promise<Ended> {
    return this.bare(...args, ...this.#dataOf(args));
  }

  /**
   * Runs a command as it stands: in this process, as a start takes far longer, and one after the other, however they are
   * called; or in one of its own, where it does not end by itself, or NODE_OPTIONS stands in the environment.
   */
  bare(...args: readonly string[]): Promise<Ended> {
    if (endless.has(args[0] as string) || 'NODE_OPTIONS' in this.environment)
      return this.exec(process.execPath, [obalka, ...args]);
    return commandIn(this.folder, this.environment, ...args);
  }

  #dataOf(args: readonly string[]): string[] {
    return withoutData.has(args[0] as string) ? [] : ['--data', this.data];
  }

  /** Runs a line of shell in which the words `obalka …` run the program. */
  shell(line: string): Promise<Ended> {
    return this.exec('bash', ['-c', `${shellPrelude}${line}`]);
  }

  /** Starts a server by a line of shell, which must replace the shell: `exec "$NODE" "$OBALKA" serve …`. */
  startShell(line: string): Server {
    return this.#start(['bash', '-c', `${shellPrelude}${line}`]);
  }

  /** Starts a server on a terminal, by a line that begins with `obalka`. */
  startOnTerminal(line: string): Server {
    return this.#start(terminalWords(line.replace(/^obalka/, 'exec "$NODE" "$OBALKA"')), true);
  }

  /** Runs a program in the folder, in a bare environment, to its end. */
  exec(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return new Promise((done, fail) => {
      const child = spawn(program, args, {
        cwd: this.folder,
        env: { ...this.environment, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: commandMilliseconds,
        killSignal: 'SIGKILL',
      });
      running.add(child);
      const stdout: Buffer[] = [];
      let stderr = '';
      child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.on('error', fail);
      child.on('close', (code) => {
        running.delete(child);
        done({ code: code ?? -1, stdout: Buffer.concat(stdout), stderr });
      });
    });
  }

  /** Runs a command that must succeed, and gives its standard output. */
  async must(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`obalka ${args.join(' ')} ended with ${code}: ${stderr}`);
    return stdout.toString();
  }

  /** The path of an identity file. */
  identity(name: string): string {
    return join(this.folder, name);
  }

  /** Starts a server on a free port and waits until it listens. `args` come after; --listen there replaces the port. */
  async serve(...args: readonly string[]): Promise<Server> {
    return this.serveUnder([], ...args);
  }

  /** The same, with words before the program's name: strace and its options. */
  async serveUnder(before: readonly string[], ...args: readonly string[]): Promise<Server> {
    const server = this.start(before, ...args);
    await server.listening();
    return server;
  }

  /** Starts a server and does not wait. */
  start(before: readonly string[], ...args: readonly string[]): Server {
    const listen = args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
    const data = args.includes('--data') ? [] : ['--data', this.data];
    return this.#start(
      [...before, process.execPath, obalka, 'serve', ...data, ...listen, ...args],
      before.length > 0,
    );
  }

  #start(words: readonly string[], isTraced = false): Server {
    const server = new Server(words, this.folder, this.environment, isTraced);
    this.#servers.push(server);
    return server;
  }

  /** Kills what still runs and removes the folder. */
  async end(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.kill()));
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A registry begins with as many commits as two random octets say. Less than 256 take no time. */
function withFewChanges(length: number): Uint8Array {
  const bytes = random(length);
  if (length === 6) bytes[0] = 0;
  return bytes;
}

const shellPrelude = 'obalka() { "$NODE" "$OBALKA" "$@"; }\n';

/** Commands that end by a signal, or end the process. */
const endless = new Set(['serve', 'watch', 'demo']);

/** Commands that have no --data. */
const withoutData = new Set(['key', '--version', '--help']);

/** Calls `use` with an installation, and ends it whatever happens. */
export async function within<T>(
  making: Promise<Installation>,
  use: (made: Installation) => Promise<T>,
): Promise<T> {
  const made = await making;
  try {
    return await use(made);
  } finally {
    await made.end();
  }
}
