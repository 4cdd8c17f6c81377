/** kill -9 among large mails, 16 times: blocks of several mails stand between each other, most of them unfinished. */
import { suite } from '../support/suite.js';
import { assertPhases, killAgainAndAgain } from './kill-again.js';
import { largeFrom } from './load-mail.js';

suite('kill -9 among large mails', (test) => {
  test('one of 16 kills loses a mail that was acknowledged, or leaves one half', async () => {
    const ordeal = { kills: 8, sessions: 4, firstNumber: largeFrom, mostMilliseconds: 60 };
    const phases = await Promise.all([3, 4].map((seed) => killAgainAndAgain({ ...ordeal, seed })));
    assertPhases(phases.flat(), 2);
  });
});
