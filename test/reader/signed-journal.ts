/** Journals of several segments with checkpoints, to be changed by somebody who has the seed, and looked at with pins. */
import { cpSync, rmSync } from 'node:fs';
import { openDirectory } from '../../src/journal/directory-view.js';
import type { Pin } from '../../src/reader/pins.js';
import { type Survey, survey } from '../../src/reader/survey.js';
import { type PinnedVerification, verify } from '../../src/reader/verify.js';
import { bytesFrom } from '../support/chance.js';
import { signLane } from '../support/sign-journal.js';
import { Journal, toAlice, withJournal } from './make-journal.js';

export async function look(journal: Journal, pins: readonly Pin[] = []): Promise<Survey> {
  const view = await openDirectory(journal.path);
  return survey(view, pins).finally(() => view.close());
}

export async function check(journal: Journal, pins: readonly Pin[] = []): Promise<PinnedVerification> {
  const view = await openDirectory(journal.path);
  return verify(view, [], pins).finally(() => view.close());
}

/** A journal of at least four segments, signed; `fresh` gives a copy of it to change. */
export async function withSigned(
  use: (journal: Journal, fresh: () => Journal) => Promise<void>,
): Promise<void> {
  await withJournal(
    async (office, journal) => {
      for (let mail = 0; mail < 8; mail++) await office.send([toAlice], bytesFrom(`${mail}`, 20_000));
      await office.close();
      signLane(journal.lane);
      const copy = `${journal.path}-copy`;
      await use(journal, () => {
        rmSync(copy, { recursive: true, force: true });
        cpSync(journal.path, copy, { recursive: true });
        return new Journal(copy);
      });
    },
    { maxStreamSize: 4 * 16_384 },
  );
}
