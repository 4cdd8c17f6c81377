/** A named suite of tests that runs itself: uvu without the run() that is so easily forgotten. */

import { readFileSync } from 'node:fs';
import { type Test, suite as uvuSuite } from 'uvu';
import * as assert from 'uvu/assert';

export { assert };

// For the test runner, which adds it up: seconds of the processor of this process and of all that it started and waited for.
if (process.env.SAY_PROCESSOR_TIME)
  process.on('exit', () => {
    const fields = readFileSync('/proc/self/stat', 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    console.log(`  Processor: ${(ticks / 100).toFixed(1)}`);
  });

/** Defines the tests of one subject and queues them to run. */
export function suite(name: string, define: (test: Test) => void): void {
  const test = uvuSuite(name);
  define(test);
  test.run();
}

/** Says why a test cannot run here; in CI a missing program is a failure, not a reason. */
export function skip(test: Test, name: string, reason: string): void {
  if (process.env.CI === 'true') test(name, () => assert.unreachable(`must run in CI: ${reason}`));
  else test.skip(`${name} (skipped: ${reason})`);
  console.log(`skipped: ${name}: ${reason}`);
}
