/** Told keys: says which addresses are sealed to other keys than before, once, and remembers that it did. */
import { FormatError, Problem } from '../../core/errors.js';
import { distinctChanges, type KeyChange, type KeyChanges } from '../../reader/key-changes.js';
import {
  isKnown,
  joinMemories,
  type KeyMemory,
  memoryName,
  nothingSeen,
  openMemory,
  sealMemory,
} from '../../reader/key-memory.js';
import { type Identity, showFingerprint } from '../../seal/keys.js';
import type { KeySetChanges, PinsFile } from '../mailbox/pins-file.js';
import { random } from '../random.js';
import { say } from '../terminal/output.js';

/** What readings before this one saw of a journal. */
export interface Recalled {
  of(identity: Identity): KeyMemory;
  /** What is to be kept after this one. */
  seen(changes: KeyChanges): KeySetChanges;
}

/** Throws Problem, which names the file, if what is kept does not open. */
export function recallKeySets(
  kept: PinsFile['keySets'],
  identities: readonly Identity[],
  journal: Uint8Array,
  path: string | undefined,
): Recalled {
  const open = (sealed: Uint8Array | undefined, identity: Identity) => {
    try {
      return sealed ? openMemory(sealed, identity, journal) : nothingSeen;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new Problem(
        'failure',
        `${path}: damaged pins: ${error.message}; put back a copy of it, or move it away and begin anew`,
      );
    }
  };
  const memories = new Map(
    identities.map((identity) => [identity, open(kept.get(memoryName(identity, journal)), identity)]),
  );
  const of = (identity: Identity) => memories.get(identity) ?? nothingSeen;
  return {
    of,
    seen(changes) {
      const news = new Map<string, (sealed: Uint8Array | undefined) => Uint8Array | undefined>();
      for (const identity of identities) {
        const told = changes.all.filter(({ mail }) => mail.identity === identity).map(({ mail }) => mail.id);
        const seen = { last: changes.last(identity), told };
        if (isKnown(of(identity), seen)) continue;
        news.set(memoryName(identity, journal), (sealed) => {
          const now = open(sealed, identity);
          return isKnown(now, seen)
            ? undefined
            : sealMemory(joinMemories(now, seen), identity, journal, random);
        });
      }
      return news;
    },
  };
}

/** One line for each change that was not told before, and what to do about it. */
export function tellKeyChanges(changes: KeyChanges, recalled: Recalled): void {
  const news = distinctChanges(
    changes.all.filter(({ mail }) => !recalled.of(mail.identity).told.includes(mail.id)),
  );
  for (const change of news) say(`obalka: ${describe(change)}`);
  if (news.length > 0)
    say(
      'obalka: if you did not expect that, ask whoever runs the server, and not by mail to this address, whose these keys are (spec/commands.md, Other keys)',
    );
}

function describe({ mail, address, before, now, isYoursAlone }: KeyChange): string {
  const who = isYoursAlone ? 'your key alone opens it' : 'others open it too';
  return `${address}: other keys from mail ${mail.id} on: ${who} (key set ${showFingerprint(now)}, before ${showFingerprint(before)})`;
}
