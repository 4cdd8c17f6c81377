/** The torture in small: one fault at each place, on one journal. `npm run torture` is the whole of it. */
import { findProgram } from '../peers/program.js';
import { assert, skip, suite } from '../support/suite.js';
import { type Fault, noLane, places } from './torture-fault.js';
import { makeRig, run } from './torture-run.js';

suite('torture', (test) => {
  const name = 'a fault under load costs a mail that was acknowledged, or what it did not strike';
  if (!findProgram('strace')) {
    skip(test, name, 'strace is not installed');
    return;
  }
  test(name, async () => {
    const rig = await makeRig(console.log);
    const drawn = rig.deck.map((make) => ({ make, fault: make({ below: () => 0 }, noLane) }));
    const isError = ({ injection }: Fault) => injection?.how.startsWith('error=') === true;
    const faults = places.flatMap((place) => {
      const here = drawn.filter(({ fault }) => fault.place === place);
      // Where both are possible, one after which the server dies, and one after which it goes on.
      const [killed, failed] = [false, true].map((way) => here.find(({ fault }) => isError(fault) === way));
      return [killed, failed].flatMap((one) => one?.make ?? []);
    });
    assert.ok(faults.length >= 14, `${faults.length} faults`);
    const outcome = await run(1, rig, faults);
    assert.equal(outcome.lost, []);
    assert.equal(outcome.broken, []);
    assert.ok(outcome.injected >= 5, `${outcome.injected} faults came`);
    assert.ok(outcome.fewestBefore >= 20, `only ${outcome.fewestBefore} mails before a fault`);
  });
});
