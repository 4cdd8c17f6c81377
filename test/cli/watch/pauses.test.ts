/** Pauses of watch: a mail is tried again after longer and longer ones, and what is the matter is said once, if it lasts. */
import { LastingFaults } from '../../../src/cli/watch/lasting-faults.js';
import { PutOff } from '../../../src/cli/watch/put-off.js';
import { assert, suite } from '../../support/suite.js';

suite('pauses of watch', (test) => {
  test('a mail is tried again at once, never, or without end after it is gone', () => {
    let now = 0;
    const putOff = new PutOff(() => now);
    assert.is(putOff.next(), Number.POSITIVE_INFINITY);
    const pauses: number[] = [];
    for (let tries = 0; tries < 13; tries++) {
      assert.is(putOff.resting('a'), undefined);
      putOff.add('a', 'it is damaged');
      putOff.settle();
      assert.is(putOff.resting('a')?.fault, 'it is damaged');
      pauses.push(putOff.next());
      now += putOff.next();
    }
    assert.equal(pauses.slice(0, 4), [1000, 2000, 4000, 8000]);
    assert.equal(pauses.slice(-2), [600_000, 600_000]);
    assert.is(putOff.resting('a'), undefined);
    putOff.settle();
    assert.is(putOff.size, 1);
    // A look in which nobody asks for it: it was erased.
    putOff.settle();
    assert.equal([putOff.size, putOff.next()], [0, Number.POSITIVE_INFINITY]);
  });

  test('a fault that passes is said, one that lasts is not, or again and again', () => {
    let now = 0;
    const said: string[] = [];
    const faults = new LastingFaults(
      2000,
      (words) => said.push(words),
      () => now,
    );
    const look = (...words: string[]) => {
      for (const one of words) faults.meet(one);
      return faults.settle();
    };
    assert.is(look('passes', 'lasts'), 2000);
    now = 500;
    assert.is(look('lasts'), 1500);
    assert.equal(said, []);
    now = 2000;
    assert.is(look('lasts', 'passes'), 2000);
    now = 9000;
    for (let again = 0; again < 3; again++) assert.is(look('lasts'), Number.POSITIVE_INFINITY);
    assert.equal(said, ['lasts']);
    look();
    look('lasts');
    now = 20_000;
    look('lasts');
    assert.equal(said, ['lasts', 'lasts']);
  });
});
