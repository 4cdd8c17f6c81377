/**
 * Test runner: every test file in a process of its own, with a time limit, and one closing line of real counts.
 *
 *   node dist/tools/run-tests.js [--floor] [PART OF A FILE NAME ...]
 *
 * With --floor it fails when fewer tests passed than tools/test-floor.txt says. The files that tools/slow-tests.txt names
 * are started first, so that none of them is left to run alone at the end.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

// The program takes no configuration that a group can write to; tests write some.
process.umask(0o022);

const secondsPerFile = 240;
/** One more than two processors do: most files wait for disks and timers now and then. */
const filesAtOnce = 3;

const root = resolve(import.meta.dirname, '../..');
const compiled = join(root, 'dist/test');
const words = process.argv.slice(2);
const checkFloor = words[0] === '--floor';
if (checkFloor) words.shift();

const slow = readFileSync(join(root, 'tools/slow-tests.txt'), 'utf8').trim().split('\n');
const orderOf = (file: string) => {
  const at = slow.indexOf(file.replace(/\.test\.js$/, ''));
  return at < 0 ? slow.length : at;
};

const files = readdirSync(compiled, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js'))
  // What was compiled from a file that is gone or renamed since is no test.
  .filter((file) => existsSync(join(root, 'test', file.replace(/\.js$/, '.ts'))))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort((a, b) => orderOf(a) - orderOf(b) || (a < b ? -1 : 1));

type Result = {
  file: string;
  seconds: number;
  /** Of the processor, as far as the file tells. */
  processor: number;
  passed: number;
  failed: number;
  skipped: number;
  output: string;
};

function run(file: string): Promise<Result> {
  const started = performance.now();
  return new Promise((done) => {
    // detached: the file leads a process group, so that a time-out ends what the file itself started.
    const child = spawn(process.execPath, ['--enable-source-maps', join(compiled, file)], {
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
    const timer = setTimeout(() => {
      output += `\nno end after ${secondsPerFile} s\n`;
      endGroup();
    }, secondsPerFile * 1000);
    child.on('exit', () => setTimeout(endGroup, 100));
    child.on('close', (code) => {
      clearTimeout(timer);
      const count = (word: string) =>
        [...output.matchAll(new RegExp(`^\\s*${word}:\\s+(\\d+)`, 'gm'))].reduce(
          (sum, match) => sum + Number(match[1]),
          0,
        );
      const total = count('Total');
      const passed = count('Passed');
      const skipped = count('Skipped');
      // A file that dies, or that defines no test, has failed whatever it printed.
      let failed = total - passed;
      if (failed === 0 && (code !== 0 || total + skipped === 0)) failed = 1;
      const seconds = (performance.now() - started) / 1000;
      const processor = Number(/^ {2}Processor: ([\d.]+)$/m.exec(output)?.[1] ?? 0);
      done({ file, seconds, processor, passed, failed, skipped, output });
    });
  });
}

const results: Result[] = [];
const queue = [...files];
await Promise.all(
  Array.from({ length: filesAtOnce }, async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const result = await run(file);
      results.push(result);
      const mark = result.failed > 0 ? 'FAIL' : 'ok  ';
      console.log(
        `${mark} ${file.replace(/\.js$/, '')}  ${result.passed} passed, ${result.seconds.toFixed(1)} s, ${result.processor.toFixed(1)} of the processor`,
      );
      if (result.failed > 0) console.log(result.output);
      else for (const line of result.output.match(/^skipped: .*$/gm) ?? []) console.log(`     ${line}`);
    }
  }),
);

const sum = (key: 'passed' | 'failed' | 'skipped' | 'processor') =>
  results.reduce((total, result) => total + result[key], 0);
const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')];
console.log(`${sum('processor').toFixed(0)} seconds of the processor`);
if (files.length === 0) console.log('no test file matches');
if (words.length === 0)
  for (const name of slow)
    if (!files.includes(`${name}.test.js`)) {
      console.log(`tools/slow-tests.txt names ${name}, which is no test file`);
      process.exitCode = 1;
    }
if (checkFloor) {
  const floor = Number(readFileSync(join(root, 'tools/test-floor.txt'), 'utf8'));
  if (passed < floor) {
    console.log(`only ${passed} tests passed; the floor in tools/test-floor.txt is ${floor}`);
    process.exitCode = 1;
  }
}
if (failed > 0 || files.length === 0) process.exitCode = 1;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
