/** Taking turns: a process that took a connection stands still for a moment, so that others take the next one. */
import { takingTurns } from '../../src/net/taking-turns.js';
import { assert, suite } from '../support/suite.js';

/** How long somebody stood still, in milliseconds, each time while `act` ran. */
function standstills(act: () => void): number[] {
  const { wait } = Atomics;
  const found: number[] = [];
  const counted = (_: unknown, __: unknown, ___: unknown, milliseconds?: number) => {
    found.push(milliseconds ?? Number.POSITIVE_INFINITY);
    return 'timed-out';
  };
  Object.assign(Atomics, { wait: counted });
  try {
    act();
  } finally {
    Object.assign(Atomics, { wait });
  }
  return found;
}

suite('taking turns', (test) => {
  test('a process does not stand still after a connection, or does for long, or for most of a busy second', () => {
    let now = 1_000_000;
    const accepted = takingTurns(() => now);
    const take = (times: number) =>
      standstills(() => {
        for (let time = 0; time < times; time++) accepted();
      });
    assert.equal(take(1), [0.5]);
    now += 999;
    const same = take(1000);
    assert.is(same.length, 49, 'fifty in a second, the first one among them');
    assert.ok(Math.max(...same) <= 1 && Math.min(...same) > 0);
    now += 1;
    assert.is(take(7).length, 7, 'the next second begins anew');
  });

  test('it never goes on', () => {
    let times = 0;
    const accepted = takingTurns(() => 0);
    for (; times < 60; times++) accepted();
    assert.is(times, 60);
  });
});
