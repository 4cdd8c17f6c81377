/** kill -9 among small mails, 16 times: many commits a second, each for several who wait. `npm run torture` does it a thousand times. */
import { suite } from '../support/suite.js';
import { assertPhases, killAgainAndAgain } from './kill-again.js';

suite('kill -9 among small mails', (test) => {
  test('one of 16 kills loses a mail that was acknowledged, or leaves one half', async () => {
    const ordeal = { kills: 8, sessions: 6, firstNumber: 0, mostMilliseconds: 60 };
    const phases = await Promise.all([1, 2].map((seed) => killAgainAndAgain({ ...ordeal, seed })));
    assertPhases(phases.flat(), 2);
  });
});
