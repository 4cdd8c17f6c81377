/** Rounding: a table never shows fewer rows than it has, and never wastes more than a quarter or eight. */
import { roundedRows } from '../../src/registry/rounding.js';
import { assert, suite } from '../support/suite.js';

suite('rounding', (test) => {
  test('fewer rows than there are, or far more', () => {
    for (let rows = 0; rows <= 5000; rows += 1) {
      const rounded = roundedRows(rows);
      assert.ok(rounded >= Math.max(8, rows) && rounded % 8 === 0, `${rows}`);
      assert.ok(rounded - rows <= Math.max(8, rows / 4), `${rows} becomes ${rounded}`);
      assert.ok(roundedRows(rows + 1) >= rounded, `${rows} goes down`);
    }
  });

  test('other numbers than the specification gives', () => {
    const expected = [
      [0, 8],
      [8, 8],
      [9, 16],
      [63, 64],
      [64, 64],
      [65, 80],
      [127, 128],
      [128, 128],
      [129, 160],
      [1000, 1024],
      [1025, 1280],
    ];
    for (const [rows, rounded] of expected) assert.is(roundedRows(rows as number), rounded, `${rows}`);
  });
});
