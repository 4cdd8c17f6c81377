/**
 * Test runner: every test file, each in a process of its own or some together, and one closing line of real counts.
 *
 *   node dist/tools/run-tests.js [--floor] [PART OF A FILE NAME ...]
 *
 * With --floor it fails when fewer tests passed than tools/test-floor.txt says. The files that tools/slow-tests.txt names
 * are started first, each alone, so that none of them is left to run alone at the end. Files of the folders that
 * tools/alone-tests.txt names run alone, too; all others run together, as they leave nothing behind.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makePack } from './pack.js';
import { type Result, runTogether } from './test-process.js';

// The program takes no configuration that a group can write to; tests write some.
process.umask(0o022);

/** One more than two processors do: most files wait for disks and timers now and then. */
const processesAtOnce = 3;
/** Of the files that can be together. */
const filesTogether = 12;

const root = resolve(import.meta.dirname, '../..');
const compiled = join(root, 'dist/test');
const words = process.argv.slice(2);
const checkFloor = words[0] === '--floor';
if (checkFloor) words.shift();

const linesOf = (path: string) => readFileSync(join(root, path), 'utf8').trim().split('\n');
const slow = linesOf('tools/slow-tests.txt');
const alone = linesOf('tools/alone-tests.txt');
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

// Whoever ran the compiler alone has an older one, or none.
if (files.some((file) => file.startsWith('package/'))) await makePack();

const isNamedBy = (name: string, file: string) => file.startsWith(`${name}/`) || file === `${name}.test.js`;
const isAlone = (file: string) => [...slow, ...alone].some((name) => isNamedBy(name, file));
const queue = files.filter(isAlone).map((file) => [file]);
const others = files.filter((file) => !isAlone(file));
while (others.length > 0) queue.push(others.splice(0, filesTogether));

const results: Result[] = [];
await Promise.all(
  Array.from({ length: processesAtOnce }, async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      for (const result of await runTogether(next, root)) {
        results.push(result);
        print(result);
      }
  }),
);

function print({ file, failed, passed, seconds, processor, output }: Result): void {
  const mark = failed > 0 ? 'FAIL' : 'ok  ';
  const name = file.replace(/\.js$/, '');
  const times = `${seconds.toFixed(1)} s, ${processor.toFixed(1)} of the processor`;
  console.log(`${mark} ${name}  ${passed} passed, ${times}`);
  if (failed > 0) console.log(output);
  else for (const line of output.match(/^skipped: .*$/gm) ?? []) console.log(`     ${line}`);
}

const sum = (key: 'passed' | 'failed' | 'skipped' | 'processor') =>
  results.reduce((total, result) => total + result[key], 0);
const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')];
console.log(`${sum('processor').toFixed(0)} seconds of the processor`);
if (files.length === 0) console.log('no test file matches');
if (words.length === 0)
  for (const name of [...slow, ...alone])
    if (!files.some((file) => isNamedBy(name, file))) {
      console.log(`tools/slow-tests.txt or alone-tests.txt names ${name}, and there is no such test`);
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
