/** Vectors about what a reader remembers, and about segments that were dropped. */
import nacl from 'tweetnacl';
import { type Entry, fillersAlone, oneMail, vector } from './entry.js';
import { withLine } from './heads.js';
import { alice } from './people.js';
import type { Scene } from './scene.js';
import { offsetOf, type Segment } from './segment.js';

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
  pinned('deletion-lane', 'deletion', 'The lane of the pin is gone; another one is there.', (v, segment) => {
    v.lane().segment().filler('envelopes');
    v.remove(segment.lane.folder);
    v.fault(segment.lane.named);
  }),
];

/** Segment 0 holds one block, and is dropped; segment 1 is Alice's. */
function dropped(v: Scene) {
  const lane = v.lane();
  const first = lane.segment();
  const message = first.message();
  first.sign();
  first.dropped = true;
  const segment = lane.segment(alice);
  return { first, message, segment };
}

const drops: readonly Entry[] = [
  vector(
    'ok-dropped',
    'ok',
    'Of the first segment nothing is left but its checkpoint: it was dropped. A mail in the second is whole.',
    (v) => {
      const { segment } = dropped(v);
      segment.mail(alice);
      segment.sign();
    },
  ),
  vector(
    'ok-dropped-pinned',
    'ok',
    'A pinned segment was dropped: what was seen of it cannot be checked any more.',
    (v) => {
      const { first, segment } = dropped(v);
      v.readers = [];
      v.pin(first);
      segment.sign();
    },
  ),
  vector('ok-dropped-middle', 'ok', 'The second of three segments was dropped.', (v) => {
    v.readers = [];
    const lane = v.lane();
    const [first, second, third] = [lane.segment(), lane.segment(), lane.segment()];
    for (const segment of [first, second, third]) segment.sign();
    second.dropped = true;
  }),
  vector('expired-claimed', 'expired', 'The only block of a mail was in a segment that was dropped.', (v) => {
    const { message, segment } = dropped(v);
    const mail = segment.envelope(message, alice);
    mail.state = 'expired';
  }),
  vector(
    'expired-unclaimed',
    'expired',
    'The same for an envelope that is not claimed: it is expired, and not void.',
    (v) => {
      const { message, segment } = dropped(v);
      const mail = segment.envelope(message, alice);
      segment.claim = { envelopes: 0 };
      mail.state = 'expired';
    },
  ),
  vector(
    'expired-one-of-two',
    'expired',
    'The first of two blocks was in a segment that was dropped; the second is there. Nothing is given out.',
    (v) => {
      const lane = v.lane();
      const first = lane.segment();
      const segment = lane.segment(alice);
      const mail = segment.mail(alice, {
        size: 17000,
        at: (index) => ({ segment: index === 0 ? first : segment, number: 0 }),
      });
      first.sign();
      first.dropped = true;
      mail.state = 'expired';
    },
  ),
  vector(
    'expired-index-block',
    'expired',
    'The index block is there; the block that it names was in a segment that was dropped.',
    (v) => {
      const lane = v.lane();
      const first = lane.segment();
      const segment = lane.segment(alice);
      const mail = segment.mail(alice, { depth: 1, at: () => ({ segment: first, number: 0 }) });
      first.sign();
      first.dropped = true;
      mail.state = 'expired';
    },
  ),
  vector(
    'expired-beside-whole',
    'expired',
    'Of three mails the second is expired: all are in the order of their receive times.',
    (v) => {
      const { message, segment } = dropped(v);
      const here = segment.message({ subject: 'whole' });
      segment.envelope(here, alice);
      segment.envelope(message, alice).state = 'expired';
      segment.envelope(here, alice);
    },
  ),
  vector(
    'checkpoint-damaged-dropped',
    'checkpoint-damaged',
    'Of the first segment a checkpoint is left whose signature does not hold: it is no segment that was dropped, and the mail whose block was in it is damaged.',
    (v) => {
      const { first, message, segment } = dropped(v);
      first.sign({ signature: (signature) => signature.map((octet, at) => (at === 5 ? octet ^ 1 : octet)) });
      const mail = segment.envelope(message, alice);
      v.damaged(mail, segment.at('envelopes', 0), segment.named, first.named, first.checkpointNamed);
    },
  ),
  vector(
    'segment-missing-dropped-other-id',
    'segment-missing',
    'Of the first segment a good checkpoint is left; the head of the second names another id.',
    (v) => {
      const { segment } = dropped(v);
      v.readers = [];
      segment.lines = (_, lines) =>
        withLine(lines, 'previous', `previous 0 ${'ab'.repeat(16)} channels 0 0 envelopes 0 0 blocks 1 1`);
      v.fault(segment.named);
    },
  ),
  vector(
    'rollback-dropped',
    'rollback',
    'A pinned segment was dropped, and an older checkpoint than the pinned one is left of it.',
    (v) => {
      const { first, segment } = dropped(v);
      v.readers = [];
      v.pin(first);
      first.sign({ sizes: { blocks: 0 } });
      segment.sign();
      v.fault(stream(first, 'blocks'));
    },
  ),
];

export const pins: readonly Entry[] = [...good, ...rollbacks, ...forks, ...exchanges, ...deletions, ...drops];
