/** Rounded numbers: what a count shows of itself. */
import { rounded } from '../../src/core/rounded.js';
import { assert, suite } from '../support/suite.js';

suite('rounded', (test) => {
  test('a rounded number is too small, too large, or not of the series', () => {
    let before = 0;
    for (let n = 0; n <= 5000; n++) {
      const shown = rounded(n);
      assert.ok(shown >= n && shown >= 8 && shown >= before, String(n));
      assert.is(rounded(shown), shown, `${n}: the rounded number is not one itself`);
      assert.is(shown % 8, 0);
      if (n >= 32) assert.ok(shown - n < n / 4, `${n} costs more than a quarter`);
      before = shown;
    }
  });

  test('a known border moved', () => {
    const borders = [
      [0, 8],
      [8, 8],
      [9, 16],
      [16, 16],
      [32, 32],
      [33, 40],
      [64, 64],
      [65, 80],
      [1000, 1024],
      [1025, 1280],
    ] as const;
    for (const [n, shown] of borders) assert.is(rounded(n), shown, String(n));
  });
});
