/** Vectors about what a reader remembers. */
import nacl from 'tweetnacl';
import { type Entry, fillersAlone, oneMail, vector } from '../entry.js';
import type { Scene } from '../scene.js';
import { offsetOf, type Segment } from '../segment.js';

/** A segment of fillers that is signed and pinned; then something is done to it. */
const pinned = (
  name: string,
  expect: string,
  comment: string,
  make: (v: Scene, segment: Segment) => void,
): Entry =>
  vector(name, expect, comment, (v) => {
    const segment = fillersAlone(v);
    segment.sign();
    v.pin(segment);
    make(v, segment);
  });

const good: readonly Entry[] = [
  pinned('ok-pin-same', 'ok', 'The checkpoint is the pinned one.', () => {}),
  pinned(
    'ok-pin-grown',
    'ok',
    'The segment has grown since it was pinned, and was signed again.',
    (_, segment) => {
      segment.filler('envelopes', 3);
      segment.sign();
    },
  ),
  pinned(
    'ok-pin-next-segment',
    'ok',
    'The next segment was begun and signed since the first was pinned.',
    (_, segment) => {
      const next = segment.lane.segment();
      next.filler('envelopes');
      next.sign();
    },
  ),
  pinned(
    'ok-pin-of-other-journal',
    'ok',
    'The pin is of another journal: it says nothing of this one.',
    (v) => {
      v.lanes.length = 0;
      v.id = v.chance(16);
      v.lane().segment().filler('envelopes');
    },
  ),
  vector(
    'erased-since-pinned',
    'erased',
    'A mail was erased since its envelope was pinned: its leaf is what it was.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.leaveOutBlocks();
      segment.sign();
      v.pin(segment);
      segment.erase(mail);
      v.erased(mail);
    },
  ),
  pinned(
    'check-mismatch-pinned',
    'check-mismatch',
    'A pinned cell does not match its check: the root cannot be checked, which is no fault of its own.',
    (v, segment) => {
      segment.damage('envelopes', 1, 9);
      v.fault(segment.at('envelopes', 1));
    },
  ),
  pinned(
    'head-damaged-lane-pinned',
    'head-damaged',
    'The head of the lane is damaged; the signer of the pin is taken, and the checkpoint is good.',
    (v, segment) => {
      v.flip(`${segment.lane.folder}/lane`, 300);
      v.fault(segment.lane.named);
    },
  ),
];

const stream = (segment: Segment, name: string) => `${segment.named}, ${name}`;

const rollbacks: readonly Entry[] = [
  pinned(
    'rollback-journal',
    'rollback',
    'An older copy of the journal stands in the place of the one that was pinned.',
    (v, segment) => {
      segment.cells.envelopes.pop();
      segment.sign();
      v.fault(stream(segment, 'envelopes'));
    },
  ),
  pinned(
    'rollback-checkpoint',
    'rollback',
    'An older checkpoint stands in the place of the pinned one; all cells are there.',
    (v, segment) => {
      segment.sign({ sizes: { envelopes: 1, channels: 0 } });
      v.fault(stream(segment, 'envelopes'), stream(segment, 'channels'));
    },
  ),
  pinned(
    'rollback-no-checkpoint',
    'rollback',
    'The pinned checkpoint is missing; all cells are there.',
    (v, segment) => {
      segment.checkpoint = undefined;
      v.fault(segment.named);
    },
  ),
  pinned(
    'rollback-bad-checkpoint',
    'rollback',
    'The pinned checkpoint was changed: its signature does not hold.',
    (v, segment) => {
      segment.sign({
        signature: (signature) => signature.map((octet, at) => (at === 63 ? octet ^ 1 : octet)),
      });
      v.fault(segment.named, segment.checkpointNamed);
    },
  ),
  pinned(
    'rollback-cells',
    'rollback',
    'The checkpoint is the pinned one; the last envelope that it covers is missing, and was not claimed.',
    (v, segment) => {
      segment.claim = { envelopes: 1 };
      v.cut(segment.path('envelopes'), offsetOf('envelopes', 1));
      v.fault(segment.at('envelopes', 1), stream(segment, 'envelopes'));
    },
  ),
];

const forks: readonly Entry[] = [
  pinned(
    'fork-root',
    'fork',
    'As many cells as were pinned are signed, and one of them is another one.',
    (v, segment) => {
      segment.put('envelopes', 1, v.chance(1264));
      segment.sign();
      v.fault(stream(segment, 'envelopes'));
    },
  ),
  pinned(
    'fork-segment',
    'fork',
    'Another segment, with another id, stands at the number of the pinned one, and is signed.',
    (v, segment) => {
      segment.move({ id: v.chance(16) });
      segment.sign();
      v.fault(segment.named);
    },
  ),
];

const exchanges: readonly Entry[] = [
  pinned(
    'exchange-root',
    'exchange',
    'More cells than were pinned are signed, and one that was pinned is another one.',
    (v, segment) => {
      segment.put('envelopes', 1, v.chance(1264));
      segment.filler('envelopes');
      segment.sign();
      v.fault(stream(segment, 'envelopes'));
    },
  ),
  pinned(
    'exchange-signer',
    'exchange',
    "The lane's head names another signer, who has signed the same cells.",
    (v, segment) => {
      segment.lane.signer = nacl.sign.keyPair.fromSeed(v.chance(32));
      segment.sign();
      v.fault(segment.lane.named);
    },
  ),
  vector(
    'exchange-past',
    'exchange',
    'The first segment was exchanged since the second was pinned; both are signed again, and only the past of the second is another one.',
    (v) => {
      const first = fillersAlone(v);
      first.sign();
      const second = first.lane.segment();
      second.filler('envelopes');
      second.sign();
      v.pin(second);
      first.put('envelopes', 0, v.chance(1264));
      first.sign();
      second.sign();
      v.fault(second.named);
    },
  ),
];

const deletions: readonly Entry[] = [
  vector('deletion-segment', 'deletion', 'The newest segment, which was pinned, is gone.', (v) => {
    const segment = fillersAlone(v);
    segment.sign();
    const next = segment.lane.segment();
    next.sign();
    v.pin(next);
    v.remove(next.path());
    v.fault(next.named);
  }),
  pinned(
    'deletion-earlier-segment',
    'deletion',
    'A pinned segment is gone, and the next one is there: its head and its checkpoint name it.',
    (v, segment) => {
      const next = segment.lane.segment();
      next.sign();
      v.remove(segment.path());
      v.fault(segment.named, segment.checkpointNamed, next.named);
    },
  ),
  pinned('deletion-unreadable', 'deletion', 'No head of the pinned segment can be read.', (v, segment) => {
    segment.lines = () => ['obalka segment 1'];
    v.fault(segment.named, ...segment.headNames);
  }),
  pinned('deletion-lane', 'deletion', 'The lane of the pin is gone; another one is there.', (v, segment) => {
    v.lane().segment().filler('envelopes');
    v.remove(segment.lane.folder);
    v.fault(segment.lane.named);
  }),
];

export const pins: readonly Entry[] = [...good, ...rollbacks, ...forks, ...exchanges, ...deletions];
