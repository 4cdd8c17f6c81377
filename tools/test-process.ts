/** Test process: some test files run in one process, with a time limit, and what each of them came to. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { withSourcePositions } from './source-positions.js';

/** What a file came to. */
export interface Result {
  /** As it was given. */
  readonly file: string;
  /** Of the process, the same share for each of its files. */
  readonly seconds: number;
  /** Of the processor, as far as the file tells. */
  readonly processor: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly output: string;
}

/** Far more than any takes on a machine with much else to do. */
const secondsPerFile = 600;

/** Runs compiled test files of a repository, given by their paths below dist/test, one after another. */
export function runTogether(files: readonly string[], root: string): Promise<readonly Result[]> {
  const started = performance.now();
  const paths = files.map((file) => join(root, 'dist/test', file));
  const words = paths.length === 1 ? paths : [join(root, 'dist/test/support/together.js'), ...paths];
  return new Promise((done) => {
    // detached: the process leads a group, so that a time-out ends what the files themselves started.
    const child = spawn(process.execPath, words, {
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', SAY_PROCESSOR_TIME: process.platform === 'linux' ? '1' : '' },
    });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    const endGroup = () => {
      try {
        process.kill(-(child.pid as number), 'SIGKILL');
      } catch {
        // nobody left in the group
      }
    };
    const timer = setTimeout(
      () => {
        output += `\nno end after ${secondsPerFile * files.length} s\n`;
        endGroup();
      },
      secondsPerFile * files.length * 1000,
    );
    child.on('exit', () => setTimeout(endGroup, 100));
    child.on('close', (code) => {
      clearTimeout(timer);
      const seconds = (performance.now() - started) / 1000 / files.length;
      const parts = files.length === 1 ? [output] : outputsOf(paths, output);
      const results = files.map((file, at) => result(file, parts[at] as string, seconds));
      const last = results.at(-1) as Result;
      // A process that dies has failed whatever it printed.
      if (code !== 0 && results.every(({ failed }) => failed === 0))
        results.splice(-1, 1, { ...last, failed: 1 });
      done(results.map((one) => ({ ...one, output: withSourcePositions(one.output, root) })));
    });
  });
}

/** What a process of several files printed of each; a file that it did not come to has nothing. */
function outputsOf(paths: readonly string[], output: string): string[] {
  const from = paths.map((path) => output.indexOf(`file ${path}\n`));
  return paths.map((_, at) => {
    if (from[at] === -1) return 'not run: the process had ended before\n';
    return output.slice(
      from[at],
      from.slice(at + 1).find((next) => next >= 0),
    );
  });
}

function result(file: string, output: string, seconds: number): Result {
  const count = (word: string) =>
    [...output.matchAll(new RegExp(`^\\s*${word}:\\s+(\\d+)`, 'gm'))].reduce(
      (sum, match) => sum + Number(match[1]),
      0,
    );
  const total = count('Total');
  const passed = count('Passed');
  const skipped = count('Skipped');
  // A file that defines no test has failed, too, and one that changes what those after it find.
  const leftBehind = /^left behind: /m.test(output) ? 1 : 0;
  const failed = (total + skipped === 0 ? 1 : total - passed) + leftBehind;
  const processor = Number(/^ {2}Processor: ([\d.]+)$/m.exec(output)?.[1] ?? 0);
  return { file, seconds, processor, passed, failed, skipped, output };
}
