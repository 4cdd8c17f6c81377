/** Server: a `serve` that was started, what it printed, and how it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const startMilliseconds = 120_000;
const stopMilliseconds = 120_000;

const running = new Set<Server>();
process.on('exit', () => {
  for (const server of running) server.signal('SIGKILL');
});

/** How a process ended: its code, or the signal that ended it. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class Server {
  /** All it wrote to standard output so far. */
  stdout = '';
  #stderr = '';
  readonly ended: Promise<End>;
  readonly #child: ChildProcess;
  readonly #isTraced: boolean;
  #over: End | undefined;
  #changed: () => void = () => undefined;

  /** `isTraced`: the words name a tracer, and the program is its child. */
  constructor(words: readonly string[], folder: string, environment: NodeJS.ProcessEnv, isTraced: boolean) {
    const [program, ...args] = words;
    const child = spawn(program as string, args, {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#isTraced = isTraced;
    running.add(this);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#changed();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = new Promise((done) => {
      child.on('error', (error) => {
        this.#stderr += `${error}\n`;
      });
      child.on('close', (code, signal) => {
        running.delete(this);
        this.#over = { code, signal };
        this.#changed();
        done(this.#over);
      });
    });
  }

  /** All it wrote to standard error so far, but what is said once in each new data directory and is no fault. */
  get stderr(): string {
    return this.#stderr.replace(/^obalka: certificate-made: .*\n/m, '');
  }

  /** The process that serves; under strace its child. */
  get pid(): number {
    const { pid } = this.#child;
    if (!this.#isTraced) return pid as number;
    const child = /^\d+/.exec(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1'));
    if (!child) throw new Error('the tracer has started nothing yet, or it is gone');
    return Number(child[0]);
  }

  /** Sends a signal, unless it is gone. A tracer ends by itself, as what it traces does. */
  signal(name: NodeJS.Signals): void {
    if (this.#over) return;
    try {
      process.kill(this.pid, name);
    } catch {
      this.#child.kill(name);
    }
  }

  /** The port of the first listener on 127.0.0.1. */
  get port(): number {
    const port = /^listening smtp 127\.0\.0\.1:(\d+)$/m.exec(this.stdout)?.[1];
    if (port === undefined) throw new Error(`no port in: ${this.stdout}`);
    return Number(port);
  }

  /** Waits for `lines` lines "listening …". Throws if the server ends first. */
  async listening(lines = 1): Promise<void> {
    const timer = setTimeout(() => this.signal('SIGKILL'), startMilliseconds);
    try {
      while ((this.stdout.match(/^listening \S+ \S+\n/gm) ?? []).length < lines) {
        if (this.#over) throw new Error(`serve ended: ${JSON.stringify(this.#over)} ${this.stderr}`);
        await new Promise<void>((done) => {
          this.#changed = done;
        });
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** SIGTERM, and waits for the end; after two minutes SIGKILL. */
  async stop(): Promise<End> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), stopMilliseconds);
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }

  /** SIGKILL, at once; resolves when it is gone and all its output was read. */
  kill(): Promise<End> {
    this.signal('SIGKILL');
    return this.ended;
  }
}
