/** Weeks: known dates, the borders of years, and a clock that jumps. */
import { isoWeek } from '../../src/core/week.js';
import { assert, suite } from '../support/suite.js';

const known: readonly (readonly [string, string])[] = [
  ['2026-11-21T00:00:00Z', '2026-W47'],
  ['2026-11-22T23:59:59.999Z', '2026-W47'],
  ['2026-11-23T00:00:00Z', '2026-W48'],
  ['1970-01-01T00:00:00Z', '1970-W01'],
  ['2005-01-01T12:00:00Z', '2004-W53'],
  ['2007-12-31T00:00:00Z', '2008-W01'],
  ['2008-12-28T23:59:59Z', '2008-W52'],
  ['2008-12-29T00:00:00Z', '2009-W01'],
  ['2009-12-31T00:00:00Z', '2009-W53'],
  ['2010-01-03T23:59:59Z', '2009-W53'],
  ['2010-01-04T00:00:00Z', '2010-W01'],
  ['2026-12-31T00:00:00Z', '2026-W53'],
  ['2027-01-04T00:00:00Z', '2027-W01'],
];

suite('ISO weeks', (test) => {
  test('a date lies in another week', () => {
    for (const [time, week] of known) assert.is(isoWeek(Date.parse(time)), week, time);
  });

  test('a clock that goes back is told the week it came from', () => {
    for (const [time, week] of [...known].reverse()) assert.is(isoWeek(Date.parse(time)), week, time);
  });

  test('a week has other than seven days, or begins on another day than Monday', () => {
    const day = 86_400_000;
    let week = isoWeek(Date.UTC(1999, 0, 3));
    for (let time = Date.UTC(1999, 0, 4); time < Date.UTC(2042, 0, 1); time += 7 * day) {
      assert.is.not(isoWeek(time), week);
      week = isoWeek(time);
      for (let later = 1; later < 7; later++) assert.is(isoWeek(time + later * day), week);
    }
  });
});
