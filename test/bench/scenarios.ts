/** All loads, by the word that `--only` takes, in the order of the table. */
import type { Scenario } from './scenario.js';
import { giant, largeMail } from './scenarios/large.js';
import { recipients } from './scenarios/recipients.js';
import { fresh, kept, waits } from './scenarios/small.js';
import { syncs } from './scenarios/syncs.js';

export const scenarios: Readonly<Record<string, Scenario>> = {
  new: fresh,
  kept,
  waits,
  large: largeMail,
  recipients,
  syncs,
  giant,
};
