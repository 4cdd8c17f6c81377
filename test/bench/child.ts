/** Server processes: start one, wait until it listens, end it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const startMilliseconds = 20_000;
const stopMilliseconds = 60_000;

/** A started process. */
export interface Child {
  readonly pid: number;
  /** Everything it wrote to stdout so far. */
  stdout(): string;
  /** Sends SIGTERM and waits. Throws if it had ended by itself, does not end, or ends with another code than 0 or the signal. */
  stop(): Promise<void>;
  /** Throws if it has ended. */
  check(): void;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a program; the end of its stderr is in what is thrown. `launcher`: words before it, of what becomes it. */
export function startChild(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  launcher: readonly string[] = [],
): Child {
  const [first = program, ...rest] = [...launcher, program, ...args];
  const child = spawn(first, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let output = '';
  let failure: Error | undefined;
  running.add(child);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-2000);
  });
  child.on('error', (error) => {
    failure = error;
  });
  const ended = new Promise<void>((done) => {
    child.on('close', () => {
      running.delete(child);
      done();
    });
  });
  const check = () => {
    if (failure) throw failure;
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`${program} ended by itself: ${child.exitCode ?? child.signalCode}; ${errors}`);
  };
  return {
    pid: child.pid ?? -1,
    stdout: () => output,
    check,
    async stop() {
      check();
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMilliseconds);
      await ended;
      clearTimeout(timer);
      if (child.exitCode !== 0 && child.signalCode !== 'SIGTERM')
        throw new Error(`${program} did not end well: ${child.exitCode ?? child.signalCode}; ${errors}`);
    },
  };
}

/** Waits for the line `listening smtp HOST:PORT` and gives the port. */
export async function listeningPort(child: Child): Promise<number> {
  for (let waited = 0; waited < startMilliseconds; waited += 20) {
    const port = /^listening smtp \S+:(\d+)$/m.exec(child.stdout())?.[1];
    if (port !== undefined) return Number(port);
    child.check();
    await delay(20);
  }
  throw new Error(`no line "listening smtp HOST:PORT"; stdout: ${child.stdout()}`);
}

/** Waits until somebody accepts connections on a port of 127.0.0.1. */
export async function accepts(child: Child, port: number): Promise<void> {
  for (let waited = 0; waited < startMilliseconds; waited += 20) {
    const open = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1', () => done(true)).on('error', () => done(false));
      socket.on('data', () => socket.end('QUIT\r\n'));
    });
    if (open) return;
    child.check();
    await delay(20);
  }
  throw new Error(`nobody listens on port ${port}`);
}

/** Runs a program to its end. Rejects when its exit code is not 0, with its stderr in the message. */
export const runProgram = promisify(execFile);
