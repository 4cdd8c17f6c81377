/** Measured: one run of a program, its time with start-up, its processors' time and its highest memory, as wait4 tells them. */
import { spawn } from 'node:child_process';

export interface Measured {
  readonly seconds: number;
  /** User and system. */
  readonly processor: number;
  readonly mebibytes: number;
  readonly exit: number;
  readonly lines: number;
  readonly octets: number;
}

/** Runs its arguments as a program, and tells its use on descriptor 3. */
const waiter = `
import json, os, sys, time
begun = time.monotonic()
child = os.fork()
if child == 0:
    os.close(3)
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
os.write(3, json.dumps({"seconds": time.monotonic() - begun, "processor": usage.ru_utime + usage.ru_stime,
    "mebibytes": round(usage.ru_maxrss / 1024), "exit": os.waitstatus_to_exitcode(status)}).encode())
`;

/** What is printed is counted and thrown away. */
export async function measure(
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Measured> {
  const child = spawn('python3', ['-c', waiter, ...words], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...environment },
  });
  let lines = 0;
  let octets = 0;
  let report = '';
  let errors = '';
  child.stdout?.on('data', (data: Buffer) => {
    octets += data.length;
    for (const octet of data) if (octet === 10) lines++;
  });
  child.stderr?.on('data', (data: Buffer) => {
    errors += data.toString();
  });
  child.stdio[3]?.on('data', (data: Buffer) => {
    report += data.toString();
  });
  await new Promise((done, fail) => child.on('close', done).on('error', fail));
  const usage = JSON.parse(report || '{"exit":-1}') as Omit<Measured, 'lines' | 'octets'>;
  if (usage.exit !== 0)
    throw new Error(`${words.join(' ')} ended with ${usage.exit}: ${errors.slice(0, 1000)}`);
  return { ...usage, lines, octets };
}

/** The one with the middle time. */
export function middle(runs: readonly Measured[]): Measured {
  return [...runs].sort((a, b) => a.seconds - b.seconds)[(runs.length - 1) >> 1] as Measured;
}
