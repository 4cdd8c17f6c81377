/**
 * Several test files in one process, one after another: a process and what it loads take longer than most files' tests.
 *
 *   node dist/test/support/together.js COMPILED TEST FILE ...
 *
 * Each file's output stands after a line "file NAME". Whoever reads it counts a file without such a line as failed.
 */
import { resolve } from 'node:path';
import { processorSeconds } from './processor-seconds.js';

/** By these uvu is told to wait for exec(), and which suites to run. */
const uvu: { UVU_DEFER?: 1; UVU_QUEUE?: unknown[][] } & typeof globalThis = globalThis;
uvu.UVU_DEFER = 1;
// Here it is said after each file.
const saysProcessor = Boolean(process.env.SAY_PROCESSOR_TIME);
delete process.env.SAY_PROCESSOR_TIME;
const { exec } = await import('uvu');

const shownEnvironment = () => JSON.stringify(Object.entries(process.env).sort());
const folder = process.cwd();
const environment = shownEnvironment();

/** What the files after this one would find otherwise; nothing, if all is well. */
function leftBehind(): string {
  const changes: string[] = [];
  if (shownEnvironment() !== environment) changes.push('another environment');
  if (process.cwd() !== folder) changes.push('another folder to work in');
  return changes.join(', ');
}

let hasFailed = false;
let before = 0;
for (const file of process.argv.slice(2)) {
  console.log(`file ${file}`);
  uvu.UVU_QUEUE = [[null]];
  await import(resolve(file));
  await exec();
  const left = leftBehind();
  if (left !== '') console.log(`left behind: ${left}`);
  hasFailed ||= Boolean(process.exitCode);
  if (!saysProcessor) continue;
  const now = processorSeconds();
  console.log(`  Processor: ${(now - before).toFixed(1)}`);
  before = now;
}
if (hasFailed) process.exitCode = 1;
