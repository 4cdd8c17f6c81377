/** spec/smtp.md and the code say the same: limits of connections. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defaultConnectionLimits } from '../../src/net/limits.js';
import { assert, suite } from '../support/suite.js';

suite('spec/smtp.md', (test) => {
  test('other limits of connections', () => {
    const spec = readFileSync(resolve(import.meta.dirname, '../../../spec/smtp.md'), 'utf8');
    for (const [name, value] of Object.entries(defaultConnectionLimits))
      assert.match(spec, `| ${name} | ${value} |`);
  });
});
