/** Exit codes: what each says (spec/commands.md, Conventions). */
import type { ProblemKind } from '../core/errors.js';

export const exitCodes: Readonly<Record<ProblemKind, number>> = {
  failure: 1,
  usage: 2,
  missing: 3,
  identity: 4,
  damage: 5,
  later: 75,
};

/** What a code means for any command; a command's page may say it more closely. */
export const exitMeanings: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'failure',
  2: 'the words of the command, or its configuration, are wrong',
  3: 'the thing named does not exist',
  4: 'an identity file cannot be read, or is none; a passphrase or backup words are wrong',
  5: 'damage was found; what could be done was done',
  75: 'try again later',
};
