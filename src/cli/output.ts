/** Output: data on standard output, messages on standard error, and the exit codes. */
import { FormatError, Problem, type ProblemKind } from '../core/errors.js';
import { visibleText } from '../reader/visible.js';

const exitCodes: Readonly<Record<ProblemKind, number>> = {
  failure: 1,
  usage: 2,
  missing: 3,
  identity: 4,
  damage: 5,
  later: 75,
};

/** Writes lines of data, waiting where the reader of a pipe is slow. */
export async function print(...lines: readonly string[]): Promise<void> {
  await write(`${lines.join('\n')}\n`);
}

/** Writes raw bytes or text to standard output. */
export async function write(data: Uint8Array | string): Promise<void> {
  if (process.stdout.write(data)) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
}

/** A message to the person: what is not data. */
export function say(...lines: readonly string[]): void {
  process.stderr.write(`${lines.map(visibleText).join('\n')}\n`);
}

/** One line on standard error that says what, where and how to mend it; then the exit code. */
export function report(error: unknown): void {
  if (error instanceof Problem) {
    say(`obalka: ${error.message}`);
    process.exitCode = exitCodes[error.kind];
  } else if (error instanceof FormatError) {
    say(`obalka: ${error.message}`);
    process.exitCode = exitCodes.damage;
  } else {
    const { code, path, message } = error as NodeJS.ErrnoException;
    say(code && path ? `obalka: ${path}: ${code}` : `obalka: ${message}; this is a fault in obalka`);
    if (process.env.OBALKA_DEBUG && error instanceof Error) say(error.stack ?? '');
    process.exitCode = exitCodes.failure;
  }
}
