/** Vectors about cells that stand somewhere else than where they were sealed. */
import { concat } from '../../../src/core/bytes.js';
import { sha256 } from '../../../src/core/sha256.js';
import { type Entry, oneMail, vector } from '../entry.js';
import { alice, stranger } from '../people.js';
import type { Segment } from '../segment.js';

const moved = (name: string, comment: string, make: Entry['make']) =>
  vector(`moved-${name}`, 'moved', `${comment}; all checks are made anew.`, make);

/** Alice's only segment, second of its lane, is put at another place as a whole. */
const movedSegment = (name: string, comment: string, move: (segment: Segment, octets: Uint8Array) => void) =>
  moved(name, comment, (v) => {
    const lane = v.lane();
    lane.segment();
    const segment = lane.segment(alice);
    v.unfound(segment.mail(alice));
    move(segment, v.chance(16));
  });

const moves: readonly Entry[] = [
  moved('channel-number', 'A channel cell stands behind its number', (v) => {
    const { segment, mail } = oneMail(v);
    segment.copy('channels', 1, 2);
    segment.put('channels', 1, v.chance(1264));
    segment.leaveOutBlocks();
    v.unfound(mail);
  }),
  moved(
    'channel-segment',
    'A channel cell, and the envelope that it opens, stand in the next segment at their numbers',
    (v) => {
      const { segment, mail } = oneMail(v);
      const next = segment.lane.segment(stranger);
      next.copy('channels', 1, 1, segment);
      next.copy('envelopes', 1, 1, segment);
      segment.put('channels', 1, v.chance(1264));
      segment.leaveOutBlocks();
      v.unfound(mail);
    },
  ),
  moved('envelope-number', 'An envelope stands behind its number', (v) => {
    const { segment, mail } = oneMail(v);
    segment.copy('envelopes', 1, 2);
    segment.put('envelopes', 1, v.chance(1264));
    segment.leaveOutBlocks();
    mail.number = 2;
    v.lost(mail);
  }),
  moved('envelope-segment', 'An envelope stands in the next segment: its tag is not expected there', (v) => {
    const { segment, mail } = oneMail(v);
    segment.lane.segment(alice).copy('envelopes', 1, 0, segment);
    segment.put('envelopes', 1, v.chance(1264));
    segment.leaveOutBlocks();
    v.unfound(mail);
  }),
  moved(
    'block-number',
    'A block stands behind its number, where the runs and the leaves digest of the envelope have it',
    (v) => {
      const segment = v.lane().segment(alice);
      const message = segment.message();
      const leaves = sha256(segment.copy('blocks', 0, 1));
      segment.put('blocks', 0, v.chance(16368));
      const mail = segment.envelope(
        { ...message, leaves, runs: [{ segment: 0, first: 1, count: 1 }] },
        alice,
      );
      v.damaged(mail, segment.at('blocks', 1));
    },
  ),
  moved(
    'block-segment',
    'A block stands in the next segment at its number, where runs and leaves digest have it',
    (v) => {
      const segment = v.lane().segment();
      const message = segment.message();
      const next = segment.lane.segment(alice);
      const leaves = sha256(next.copy('blocks', 0, 0, segment));
      segment.leaveOutBlocks();
      const mail = next.envelope({ ...message, leaves, runs: [{ segment: 1, first: 0, count: 1 }] }, alice);
      v.damaged(mail, next.at('blocks', 0));
    },
  ),
  moved(
    'block-lane',
    'A block stands in another lane at its number, where runs and leaves digest have it',
    (v) => {
      const segment = v.lane().segment();
      const message = segment.message();
      const other = v.lane().segment(alice);
      const leaves = sha256(other.copy('blocks', 0, 0, segment));
      segment.leaveOutBlocks();
      v.damaged(other.envelope({ ...message, leaves }, alice), other.at('blocks', 0));
    },
  ),
  movedSegment('segment-id', 'The segment has another id in all heads and cells', (segment, id) =>
    segment.move({ id }),
  ),
  movedSegment('segment-number', 'The segment has the number 2 in place of 1', (segment) =>
    segment.move({ segment: 2 }),
  ),
  movedSegment(
    'segment-journal',
    'The lane stands in another journal, which all its heads and cells name',
    (segment, id) => {
      segment.scene.id = id;
      for (const each of segment.lane.segments) each.move({ journal: id });
    },
  ),
  movedSegment(
    'segment-lane',
    'The segments stand in another lane, which all their heads and cells name',
    (segment, id) => {
      segment.lane.id = id;
      for (const each of segment.lane.segments) each.move({ lane: id });
    },
  ),
];

const orders: readonly Entry[] = [
  vector(
    'reordered-blocks',
    'reordered',
    "The two blocks of a message stand in each other's place, with good checks.",
    (v) => {
      const { segment, mail } = oneMail(v, { size: 17000 });
      segment.exchange('blocks', 0, 1);
      v.damaged(mail, segment.at('envelopes', 1));
    },
  ),
  vector(
    'reordered-blocks-and-checks',
    'reordered',
    "The two blocks of a message, which have one of somebody else between them, stand in each other's place with the checks that they had.",
    (v) => {
      const { segment, mail } = oneMail(v, { size: 17000, at: (index) => ({ number: 2 * index }) });
      segment.cells.blocks.reverse();
      v.damaged(mail, segment.at('blocks', 0), segment.at('blocks', 2));
    },
  ),
  vector(
    'reordered-runs',
    'reordered',
    'The runs name the two blocks in the wrong order; the leaves digest is over the right one.',
    (v) => {
      const segment = v.lane().segment(alice);
      const message = segment.message({ size: 17000, at: (index) => ({ number: 1 - index }) });
      const mail = segment.envelope({ ...message, runs: [...message.runs].reverse() }, alice);
      v.damaged(mail, segment.at('envelopes', 0));
    },
  ),
  vector(
    'reordered-runs-and-leaves',
    'reordered',
    'Runs and leaves digest have the two blocks in the wrong order: the first of them has no commitment.',
    (v) => {
      const segment = v.lane().segment(alice);
      const message = segment.message({ size: 17000, at: (index) => ({ number: 1 - index }) });
      const leaves = sha256(concat(...[0, 1].map((number) => segment.copy('blocks', number, number))));
      const mail = segment.envelope(
        { ...message, leaves, runs: [{ segment: 0, first: 0, count: 2 }] },
        alice,
      );
      v.damaged(mail, segment.at('blocks', 0));
    },
  ),
  vector(
    'reordered-later-blocks',
    'reordered',
    'Runs and leaves digest have the second and third block in the wrong order: the first is given out.',
    (v) => {
      const segment = v.lane().segment(alice);
      const message = segment.message({
        size: 33000,
        at: (index) => ({ number: [0, 2, 1][index] as number }),
      });
      const leaves = sha256(concat(...[0, 1, 2].map((number) => segment.copy('blocks', number, number))));
      const mail = segment.envelope(
        { ...message, leaves, runs: [{ segment: 0, first: 0, count: 3 }] },
        alice,
      );
      v.damaged(mail, segment.at('blocks', 1));
    },
  ),
  vector(
    'reordered-envelopes',
    'reordered',
    "Two envelopes stand in each other's place, with good checks.",
    (v) => {
      const segment = v.lane().segment(alice);
      const message = segment.message();
      const mails = [segment.envelope(message, alice), segment.envelope(message, alice)];
      segment.exchange('envelopes', 0, 1);
      segment.leaveOutBlocks();
      for (const mail of mails) {
        mail.number = 1 - mail.number;
        v.lost(mail);
      }
    },
  ),
  vector(
    'reordered-channels',
    'reordered',
    "Two channel cells stand in each other's place, with good checks: neither opens.",
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.exchange('channels', 0, 1);
      segment.leaveOutBlocks();
      v.unfound(mail);
    },
  ),
];

export const moving: readonly Entry[] = [...moves, ...orders];
