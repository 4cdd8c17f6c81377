/** In process: the program's commands, run in this process as it runs them, for tests of which each needs many. */
import { report } from '../../src/cli/output.js';
import { makeProgram } from '../../src/cli/program.js';

export interface Said {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs one command. What it writes is taken, and the exit code that it asks for; none of both is left behind. */
export async function command(...words: readonly string[]): Promise<Said> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const writers = { out: process.stdout.write, err: process.stderr.write };
  const before = process.exitCode;
  const into = (pieces: Buffer[]) =>
    ((data: Uint8Array | string) => {
      pieces.push(Buffer.from(typeof data === 'string' ? Buffer.from(data) : data));
      return true;
    }) as typeof process.stdout.write;
  process.stdout.write = into(stdout);
  process.stderr.write = into(stderr);
  process.exitCode = undefined;
  try {
    const program = await makeProgram(words);
    await program.parseAsync([...words], { from: 'user' });
  } catch (error) {
    report(error);
  } finally {
    process.stdout.write = writers.out;
    process.stderr.write = writers.err;
  }
  const code = Number(process.exitCode ?? 0);
  process.exitCode = before;
  return { code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
}
