/** Long lists: longer than the arguments of a call may be. */
import { append, greatest, least } from '../../src/core/long-lists.js';
import { assert, suite } from '../support/suite.js';

suite('long lists', (test) => {
  test('a mailbox with more mail in one piece than a call takes arguments cannot be listed', () => {
    const numbers = Array.from({ length: 300_000 }, (_, at) => (at * 7919) % 300_007);
    assert.throws(() => Math.min(...numbers), RangeError);
    assert.is(least(numbers), 0);
    const list = [1];
    append(list, numbers);
    assert.is(list.length, 300_001);
    assert.is(list.at(-1), numbers.at(-1));
    assert.is(greatest(list), 300_006);
  });

  test('an empty list has a least number', () => {
    assert.is(least([]), Number.POSITIVE_INFINITY);
    assert.is(greatest([]), Number.NEGATIVE_INFINITY);
    assert.is(least([3, -2, 5]), -2);
    assert.is(greatest([3, -2, 5]), 5);
  });
});
