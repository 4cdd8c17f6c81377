/** A named suite of tests that runs itself: uvu without the run() that is so easily forgotten. */

import { type Test, suite as uvuSuite } from 'uvu';
import * as assert from 'uvu/assert';
import { processorSeconds } from './processor-seconds.js';

export { assert };

// For the test runner, which adds it up.
if (process.env.SAY_PROCESSOR_TIME)
  process.on('exit', () => console.log(`  Processor: ${processorSeconds().toFixed(1)}`));

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
