/** spec/reader.md: each class of what is thrown at the reader names tests, and they are there. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { missingTests } from '../support/named-tests.js';
import { assert, suite } from '../support/suite.js';

const spec = readFileSync(resolve(import.meta.dirname, '../../../spec/reader.md'), 'utf8');

suite('spec/reader.md', (test) => {
  test('a class of what is thrown names no test, or one that is not there', () => {
    const section = spec.split('## What is thrown at it\n')[1]?.split('\n## ')[0] ?? '';
    const rows = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| class'));
    assert.ok(rows.length >= 25, `${rows.length} rows`);
    for (const row of rows) {
      const [name = '', , tests = ''] = row
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim());
      assert.equal(missingTests(tests), [], name);
    }
  });
});
