/** Vectors about envelopes: those that do not open, and those whose numbers cannot be. */
import { encodePlace, writeU32, writeU64 } from '../../../src/format/place.js';
import { writeRuns } from '../../../src/format/runs.js';
import { type Entry, oneMail, vector } from '../entry.js';
import { alice, stranger } from '../people.js';

/** One bit of Alice's envelope is changed, and the check made anew. */
const changed = (name: string, comment: string, at: number): Entry =>
  vector(`envelope-auth-${name}`, 'envelope-auth', `${comment}; the check holds.`, (v) => {
    const { segment, mail } = oneMail(v);
    segment.change('envelopes', 1, (body) => {
      body[at] = (body[at] as number) ^ 0x80;
    });
    segment.leaveOutBlocks();
    v.lost(mail);
  });

const auth: readonly Entry[] = [
  changed('nonce', 'One bit of the nonce of an envelope was changed', 32),
  changed('text', 'One bit of a sealed envelope was changed', 700),
  changed('tag', 'One bit of the tag of the AEAD of an envelope was changed', 1263),
  vector(
    'envelope-auth-key',
    'envelope-auth',
    'An envelope is sealed with the key of the step after its own.',
    (v) => {
      const segment = v.lane().segment(stranger, alice);
      v.lost(segment.mail(alice, { sealedWith: { key: segment.channelOf(alice).step(1).key } }));
    },
  ),
  vector(
    'envelope-auth-other-tag',
    'envelope-auth',
    'The tag of an envelope was exchanged for that of another step of its channel: the mail has the id of that step.',
    (v) => {
      const segment = v.lane().segment(stranger, alice);
      v.lost(segment.mail(alice, { step: 5, sealedWith: segment.channelOf(alice).step(0) }));
    },
  ),
  vector(
    'envelope-auth-tag-not-bound',
    'envelope-auth',
    'The associated data of an envelope is its place alone, without its tag.',
    (v) => {
      v.lost(oneMail(v, { sealedWith: { tag: new Uint8Array(0) } }).mail);
    },
  ),
  vector(
    'envelope-auth-stream',
    'envelope-auth',
    'The associated data of an envelope names the place in the stream of channels with its number.',
    (v) => {
      const segment = v.lane().segment(stranger, alice);
      v.lost(segment.mail(alice, { sealedWith: { place: encodePlace(segment.place, 'channels', 0) } }));
    },
  ),
];

/** The plaintext of Alice's envelope is changed before it is sealed, so that it cannot be read. */
export const unreadable = (
  name: string,
  expect: string,
  comment: string,
  plaintext: (text: Uint8Array) => void,
): Entry =>
  vector(name, expect, comment, (v) => {
    const { segment, mail } = oneMail(v, { plaintext });
    segment.leaveOutBlocks();
    v.lost(mail);
  });

/** Changes one octet. */
export const octet = (at: number, value: number) => (text: Uint8Array) => {
  text[at] = value;
};

const caps: readonly Entry[] = [
  unreadable('unknown-version-envelope', 'unknown-version', 'An envelope has the version 2.', octet(0, 2)),
  unreadable('unknown-version-envelope-0', 'unknown-version', 'An envelope has the version 0.', octet(0, 0)),
  vector(
    'cap-exceeded-depth-5',
    'cap-exceeded',
    'An envelope has the depth 5; an index block stands on each of five levels, and all of them would open.',
    (v) => v.lost(oneMail(v, { depth: 5 }).mail),
  ),
  unreadable('cap-exceeded-runs-0', 'cap-exceeded', 'An envelope has no runs.', octet(125, 0)),
  unreadable(
    'cap-exceeded-runs-17',
    'cap-exceeded',
    'An envelope has 17 runs: the last would begin where the texts do.',
    (text) => {
      for (let run = 0; run < 16; run++)
        writeRuns(text, 128 + 12 * run, [{ segment: 0, first: run, count: 1 }]);
      text[125] = 17;
    },
  ),
  unreadable(
    'cap-exceeded-runs-257',
    'cap-exceeded',
    'An envelope has 257 runs: the number has two octets.',
    octet(124, 1),
  ),
  unreadable('cap-exceeded-run-of-0', 'cap-exceeded', 'The first of two runs has the count 0.', (text) => {
    writeRuns(text, 128, [
      { segment: 0, first: 0, count: 0 },
      { segment: 0, first: 0, count: 1 },
    ]);
    text[125] = 2;
  }),
  unreadable(
    'cap-exceeded-last-run-of-0',
    'cap-exceeded',
    'An envelope says two runs; the second has the count 0.',
    octet(125, 2),
  ),
  unreadable('cap-exceeded-receive-time', 'cap-exceeded', 'The receive time is 2^53.', (text) =>
    writeU32(text, 4, 2 ** 21),
  ),
  unreadable('cap-exceeded-content', 'cap-exceeded', 'The length of the content is 2^53.', (text) =>
    writeU32(text, 20, 2 ** 21),
  ),
  unreadable('cap-exceeded-content-2-64', 'cap-exceeded', 'The length of the content is 2^64 - 1.', (text) =>
    text.fill(255, 20, 28),
  ),
];

/** Lengths and runs that do not fit each other: told when the message is opened, as a fault of the envelope. */
const misfit = (
  name: string,
  expect: string,
  comment: string,
  plaintext: (text: Uint8Array) => void,
): Entry =>
  vector(name, expect, comment, (v) => {
    const { segment, mail } = oneMail(v, { plaintext });
    segment.filler('blocks');
    v.damaged(mail, segment.at('envelopes', 1));
  });

const misfits: readonly Entry[] = [
  misfit('extended-message', 'extended', 'The runs name a block more than the lengths need.', (text) =>
    writeU32(text, 136, 2),
  ),
  misfit('truncated-message', 'truncated', 'The lengths need two blocks; the runs name one.', (text) =>
    writeU64(text, 20, 20000),
  ),
  misfit('cap-exceeded-run-count', 'cap-exceeded', 'The run has the count 2^32 - 1.', (text) =>
    writeU32(text, 136, 2 ** 32 - 1),
  ),
  misfit('cap-exceeded-prelude', 'cap-exceeded', 'The prelude has 2^32 - 1 octets by its length.', (text) =>
    text.fill(255, 12, 16),
  ),
  misfit(
    'cap-exceeded-sum',
    'cap-exceeded',
    'The lengths of content, prelude and trailer are each the largest there is; their sum is above 2^53.',
    (text) => {
      text.fill(255, 12, 20);
      writeU64(text, 20, 2 ** 53 - 1);
    },
  ),
  misfit(
    'cap-exceeded-index-blocks',
    'cap-exceeded',
    'The depth is 1, and the runs name more index blocks than the message has data blocks.',
    (text) => {
      text[3] = 1;
      writeU32(text, 136, 2);
    },
  ),
  misfit(
    'cap-exceeded-index-blocks-many',
    'cap-exceeded',
    'The depth is 4, and the run has the count 2^32 - 1.',
    (text) => {
      text[3] = 4;
      writeU32(text, 136, 2 ** 32 - 1);
    },
  ),
];

/** The same where the envelope is not claimed. */
const unclaimedMisfit = (name: string, comment: string, plaintext: (text: Uint8Array) => void): Entry =>
  vector(name, 'cap-exceeded', `${comment}; the envelope is not claimed, and damaged all the same.`, (v) => {
    const { segment, mail } = oneMail(v, { plaintext });
    segment.claim = { envelopes: 1 };
    v.damaged(mail, segment.at('envelopes', 1));
  });

const twice: readonly Entry[] = [
  vector(
    'cap-exceeded-block-twice',
    'cap-exceeded',
    'The lengths need two blocks; two runs name the same one.',
    (v) => {
      const { segment, mail } = oneMail(v, {
        size: 17000,
        plaintext: (text) => {
          writeRuns(
            text,
            128,
            [0, 0].map((first) => ({ segment: 0, first, count: 1 })),
          );
          text[125] = 2;
        },
      });
      v.damaged(mail, segment.at('envelopes', 1));
    },
  ),
  vector('cap-exceeded-index-block-twice', 'cap-exceeded', 'Two runs name the same index block.', (v) => {
    const { segment, mail } = oneMail(v, {
      ...{ size: 17000, depth: 1 },
      plaintext: (text) => {
        writeRuns(
          text,
          128,
          [2, 2].map((first) => ({ segment: 0, first, count: 1 })),
        );
        text[125] = 2;
      },
    });
    v.damaged(mail, segment.at('envelopes', 1));
  }),
  unclaimedMisfit('cap-exceeded-run-count-unclaimed', 'The run has the count 2^32 - 1', (text) =>
    writeU32(text, 136, 2 ** 32 - 1),
  ),
];

export const envelopes: readonly Entry[] = [...auth, ...caps, ...misfits, ...twice];
