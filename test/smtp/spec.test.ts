/** spec/smtp.md and the code say the same: states, content decoding, replies, limits. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Reply, replies } from '../../src/smtp/replies.js';
import { defaultSessionLimits } from '../../src/smtp/settings.js';
import { type State, type Step, table } from '../../src/smtp/states.js';
import { missingTests } from '../support/named-tests.js';
import { assert, suite } from '../support/suite.js';

const spec = readFileSync(resolve(import.meta.dirname, '../../../spec/smtp.md'), 'utf8');

/** The rows of the table under a heading, by first cell. */
function tableUnder(heading: string): Map<string, string[]> {
  const after = spec.slice(spec.indexOf(heading) + heading.length);
  const section = after.slice(0, after.search(/^#/m));
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return new Map(
    rows.map((row) => {
      const cells = row.slice(1, -1).split('|');
      return [cells[0]?.trim() ?? '', cells.map((cell) => cell.trim().replaceAll('&lt;', '<'))];
    }),
  );
}

suite('spec/smtp.md', (test) => {
  test('another state table', () => {
    const rows = tableUnder('### States');
    const steps = rows.get('state')?.slice(1) as Step[];
    assert.is(rows.size, Object.keys(table).length + 2);
    for (const [state, row] of Object.entries(table)) {
      for (const [i, step] of steps.entries()) {
        const to = row[step];
        const name =
          to instanceof Reply ? Object.entries(replies).find(([, reply]) => reply === to)?.[0] : (to ?? '');
        assert.is(rows.get(state as State)?.[i + 1], name, `${state}, ${step}`);
      }
      for (const step of Object.keys(row)) assert.ok(steps.includes(step as Step), step);
    }
  });

  test('other replies', () => {
    const rows = tableUnder('## Replies');
    assert.is(rows.size, Object.keys(replies).length + 2);
    const examples: Record<string, Reply> = {
      greeting: replies.greeting('HOSTNAME'),
      hello: replies.hello('HOSTNAME'),
      queued: replies.queued('ID'),
    };
    for (const [name, entry] of Object.entries(replies)) {
      const reply = entry instanceof Reply ? entry : examples[name];
      assert.is(`${rows.get(name)?.[1]}\r\n`, Buffer.from(reply?.bytes ?? []).toString('latin1'), name);
    }
  });

  test('a class of what is thrown names no test, or one that is not there', () => {
    const rows = [...tableUnder('## What is thrown at it').values()].slice(2);
    assert.ok(rows.length >= 13, `${rows.length} rows`);
    for (const [name, , tests] of rows) assert.equal(missingTests(tests ?? ''), [], name);
  });

  test('other limits', () => {
    const rows = tableUnder('## Limits');
    for (const [name, value] of Object.entries(defaultSessionLimits))
      assert.is(rows.get(name)?.[1], String(value), name);
  });
});
