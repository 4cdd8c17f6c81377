/** Rounding: a table never shows fewer rows than it has, and never wastes more than a quarter or eight. */
import { rounded } from '../../src/core/rounded.js';
import { assert, suite } from '../support/suite.js';

suite('rounding', (test) => {
  test('fewer rows than there are, or far more', () => {
    for (let rows = 0; rows <= 5000; rows += 1) {
      const shown = rounded(rows);
      assert.ok(shown >= Math.max(8, rows) && shown % 8 === 0, `${rows}`);
      assert.ok(shown - rows <= Math.max(8, rows / 4), `${rows} becomes ${shown}`);
      assert.ok(rounded(rows + 1) >= shown, `${rows} goes down`);
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
    for (const [rows, shown] of expected) assert.is(rounded(rows as number), shown, `${rows}`);
  });
});
