/** CSV: what is written is read back, and what spreadsheets write is read. */
import * as fc from 'fast-check';
import { csvLine, parseCsv } from '../../src/cli/files/csv.js';
import { Problem } from '../../src/core/errors.js';
import { assert, suite } from '../support/suite.js';

const fields = (text: string) => parseCsv(text, 'list').map((record) => record.fields);

suite('csv', (test) => {
  test('a field comes back as another one', () => {
    const field = fc.oneof(fc.string(), fc.constantFrom('', '"', ',', '\r\n', ' a ', '#', 'a"b', '""', '\n'));
    return fc.assert(
      fc.property(fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 5 }), (records) => {
        const whole = records.filter(([first]) => !first?.startsWith('#'));
        for (const end of ['\n', '\r\n', '\r']) {
          assert.equal(fields(whole.map(csvLine).join(end)), whole);
          assert.equal(fields(whole.map((one) => csvLine(one) + end).join('')), whole);
        }
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  test('empty lines and comments count as records, or not as lines', () => {
    const text = '\ufeffa,b\r\n\r\n# "it\'s, a comment\n"1\n2",3\n#\n,\nx';
    assert.equal(parseCsv(text, 'list'), [
      { line: 1, fields: ['a', 'b'] },
      { line: 4, fields: ['1\n2', '3'] },
      { line: 7, fields: ['', ''] },
      { line: 8, fields: ['x'] },
    ]);
    assert.equal(parseCsv('', 'list'), []);
    assert.equal(parseCsv('#', 'list'), []);
  });

  test('a stray quote is taken', () => {
    for (const [text, line] of [
      ['a,b\n"c,d\n', 2],
      ['a"b', 1],
      ['\n\n"a"b', 3],
    ] as const)
      assert.throws(
        () => parseCsv(text, 'list'),
        (error: unknown) => error instanceof Problem && error.message.startsWith(`list, line ${line}: `),
        text,
      );
  });
});
