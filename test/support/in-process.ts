/** In process: the program's commands, run in this process as it runs them; each start of a process costs 0.3 s. */

import { forgetOpened } from '../../src/cli/keys/identities.js';
import { answer } from '../../src/cli/terminal/answer.js';
import { setEnvironment } from './environment.js';

export interface Said {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** The end of the command before: one runs at a time, as what they write, the folder and the environment are the process's. */
let before: Promise<unknown> = Promise.resolve();

/** Runs one command. What it writes is taken, and the exit code that it asks for; none of both is left behind. */
export function command(...words: readonly string[]): Promise<Said> {
  return commandIn(process.cwd(), process.env, ...words);
}

/** The same in a folder, and with no other environment than this one. */
export function commandIn(
  folder: string,
  environment: NodeJS.ProcessEnv,
  ...words: readonly string[]
): Promise<Said> {
  const said = before.then(() => amid(folder, { ...environment }, () => answered(words)));
  before = said.catch(() => undefined);
  return said;
}

/** Runs `act` in this folder and environment. */
async function amid<T>(folder: string, environment: NodeJS.ProcessEnv, act: () => Promise<T>): Promise<T> {
  const own = { folder: process.cwd(), environment: { ...process.env } };
  process.chdir(folder);
  setEnvironment(environment);
  try {
    return await act();
  } finally {
    setEnvironment(own.environment);
    process.chdir(own.folder);
  }
}

async function answered(words: readonly string[]): Promise<Said> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const taken = [take(process.stdout, stdout), take(process.stderr, stderr)];
  const before = process.exitCode;
  process.exitCode = undefined;
  forgetOpened();
  try {
    await answer(words);
  } finally {
    for (const giveBack of taken) giveBack();
  }
  const code = Number(process.exitCode ?? 0);
  process.exitCode = before;
  return { code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
}

/** Takes what is written to a stream, which is no terminal meanwhile. The function that is returned ends this. */
function take(stream: NodeJS.WriteStream, into: Buffer[]): () => void {
  const { write, isTTY } = stream;
  stream.write = ((data: Uint8Array | string) => {
    into.push(Buffer.from(typeof data === 'string' ? Buffer.from(data) : data));
    return true;
  }) as typeof stream.write;
  stream.isTTY = false;
  return () => {
    stream.write = write;
    stream.isTTY = isTTY;
  };
}
