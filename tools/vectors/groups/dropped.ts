/** Vectors about segments that were dropped, and mail that is expired. */
import { type Entry, vector } from '../entry.js';
import { withLine } from '../heads.js';
import { alice } from '../people.js';
import type { Scene } from '../scene.js';
import type { Segment } from '../segment.js';

const stream = (segment: Segment, name: string) => `${segment.named}, ${name}`;

/** Segment 0 holds one block, and is dropped; segment 1 is Alice's. */
function firstDropped(v: Scene) {
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
      const { segment } = firstDropped(v);
      segment.mail(alice);
      segment.sign();
    },
  ),
  vector(
    'ok-dropped-pinned',
    'ok',
    'A pinned segment was dropped: what was seen of it cannot be checked any more.',
    (v) => {
      const { first, segment } = firstDropped(v);
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
    const { message, segment } = firstDropped(v);
    const mail = segment.envelope(message, alice);
    mail.state = 'expired';
  }),
  vector(
    'expired-unclaimed',
    'expired',
    'The same for an envelope that is not claimed: it is expired, and not void.',
    (v) => {
      const { message, segment } = firstDropped(v);
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
      const { message, segment } = firstDropped(v);
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
      const { first, message, segment } = firstDropped(v);
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
      const { segment } = firstDropped(v);
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
      const { first, segment } = firstDropped(v);
      v.readers = [];
      v.pin(first);
      first.sign({ sizes: { blocks: 0 } });
      segment.sign();
      v.fault(stream(first, 'blocks'));
    },
  ),
];

export const dropped: readonly Entry[] = [...drops];
