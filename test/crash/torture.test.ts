/** The torture in small: one fault at each place, on one journal. `npm run torture` is the whole of it. */
import { findProgram } from '../peers/program.js';
import { assert, skip, suite } from '../support/suite.js';
import { type Make, noLane, places } from './torture-fault.js';
import { makeRig, run } from './torture-run.js';

suite('torture', (test) => {
  const name = 'a fault under load costs a mail that was acknowledged, or what it did not strike';
  if (!findProgram('strace')) {
    skip(test, name, 'strace is not installed');
    return;
  }
  test(name, async () => {
    const rig = await makeRig(console.log);
    const placeOf = (make: Make) => make({ below: () => 0 }, noLane).place;
    const faults = places.flatMap((place) => rig.deck.find((make) => placeOf(make) === place) ?? []);
    assert.ok(faults.length >= 10, 'faults at most places');
    const outcome = await run(1, rig, faults);
    assert.equal(outcome.lost, []);
    assert.equal(outcome.broken, []);
    assert.ok(outcome.injected >= 5, `${outcome.injected} faults came`);
    assert.ok(outcome.fewestBefore >= 20, `only ${outcome.fewestBefore} mails before a fault`);
  });
});
