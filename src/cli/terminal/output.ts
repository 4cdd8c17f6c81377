/** Output: data on standard output, messages on standard error, and the exit codes. */
import { FormatError, NewerVersion, Problem } from '../../core/errors.js';
import { visibleText } from '../../reader/visible.js';
import { exitCodes } from '../exit-codes.js';

/** With --quiet only data is printed, and what is wrong. */
let isQuiet = false;

export function beQuiet(should: boolean): void {
  isQuiet = should;
}

/** Whether more may be said than what is wrong: progress, what was done, what comes next. */
export function mayChat(): boolean {
  return !isQuiet;
}

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

/** What was done as it was asked for; --quiet keeps it back. */
export function inform(...lines: readonly string[]): void {
  if (mayChat()) say(...lines);
}

/** What a person may do next, on a terminal only. Lines that begin with two spaces are commands, to be typed as they stand. */
export function hint(...lines: readonly string[]): void {
  if (process.stderr.isTTY && lines.length > 0) inform(...lines);
}

/** One line on standard error that says what, where and how to mend it; then the exit code. */
export function report(error: unknown): void {
  if (error instanceof Problem) {
    say(`obalka: ${error.message}`);
    process.exitCode = exitCodes[error.kind];
  } else if (error instanceof FormatError) {
    say(`obalka: ${error.message}`);
    process.exitCode = error instanceof NewerVersion ? exitCodes.failure : exitCodes.damage;
  } else {
    const { code, path, message } = error as NodeJS.ErrnoException;
    say(code && path ? `obalka: ${path}: ${code}` : `obalka: ${message}; this is a fault in obalka`);
    if (process.env.OBALKA_DEBUG && error instanceof Error) say(error.stack ?? '');
    process.exitCode = exitCodes.failure;
  }
}

/** What becomes of output that cannot be written; to be called once, before anything is. */
export function heedStreams(): void {
  // Whoever reads a pipe may leave early; that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE')
      report(new Problem('failure', `standard output: ${error.code}: not everything was written`));
    process.exit();
  });
  // There is nobody to tell.
  process.stderr.on('error', () => {});
}
