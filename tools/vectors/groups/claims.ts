/** Vectors about claims, and about the sequence of segments. */
import { hex } from '../../../src/core/bytes.js';
import { encodeClaim } from '../../../src/format/claim.js';
import { type Entry, fillersAlone, oneMail, vector } from '../entry.js';
import { alice, stranger } from '../people.js';
import type { Segment } from '../segment.js';

const claim = (name: string, comment: string, make: Entry['make']) =>
  vector(`claim-damaged-${name}`, 'claim-damaged', comment, make);

/** The claim of Alice's segment is replaced: it claims nothing, which is told. */
const badClaim = (name: string, comment: string, edit: (text: string) => string) =>
  claim(name, `${comment}: nothing is claimed.`, (v) => {
    const segment = fillersAlone(v);
    const path = segment.path('synced');
    v.files.set(path, Buffer.from(edit(Buffer.from(v.file(path)).toString('latin1')), 'latin1'));
    v.fault(`${segment.named}, synced`);
  });

const badClaims: readonly Entry[] = [
  badClaim('number', 'A digit of the claim was changed', (text) => text.replace('0000000002', '0000000001')),
  badClaim('check', 'A digit of the check of the claim was changed', (text) =>
    text.replace(/.\n$/, (end) => (end === '0\n' ? '1\n' : '0\n')),
  ),
  badClaim('empty', 'The claim has no octets', () => ''),
  badClaim('longer', 'A line feed stands behind the claim', (text) => `${text}\n`),
  badClaim('no-line-feed', 'The last line feed of the claim is missing', (text) => text.slice(0, -1)),
  badClaim('upper-case', 'The check of the claim is in upper case', (text) =>
    text.toUpperCase().replace('SYNCED', 'synced'),
  ),
  claim('missing', 'The claim is missing: nothing is claimed.', (v) => {
    const { segment } = oneMail(v);
    v.files.delete(segment.path('synced'));
    v.fault(`${segment.named}, synced`);
  }),
  claim('of-another-segment', 'The claim is that of another segment: nothing is claimed.', (v) => {
    const { segment } = oneMail(v);
    v.files.set(segment.path('synced'), encodeClaim(segment.counts, { ...segment.place, segment: 1 }));
    v.fault(`${segment.named}, synced`);
  }),
  claim(
    'and-block',
    'The claim is missing, and the only block of a mail does not match its check: the mail is void.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.damage('blocks', 0, 77);
      v.files.delete(segment.path('synced'));
      v.void(mail);
      v.fault(`${segment.named}, synced`);
    },
  ),
  claim(
    'but-successor',
    'The claim is missing, but the next segment says what it was: a damaged block is damage.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.damage('blocks', 0, 77);
      segment.lane.segment();
      v.files.delete(segment.path('synced'));
      v.damaged(mail, `${segment.named}, synced`, segment.at('blocks', 0));
    },
  ),
  vector(
    'check-mismatch-claim-above-successor',
    'check-mismatch',
    "The next segment says that nothing was claimed; the segment's own claim is larger, and counts.",
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.damage('blocks', 0, 77);
      segment.claimBySuccessor = { channels: 0, envelopes: 0, blocks: 0 };
      segment.lane.segment();
      v.damaged(mail, segment.at('blocks', 0));
    },
  ),
];

const missing = (name: string, comment: string, make: Entry['make']) =>
  vector(`segment-missing-${name}`, 'segment-missing', comment, make);

const sequence: readonly Entry[] = [
  missing('middle', 'The second of three segments is missing.', (v) => {
    const { segment } = oneMail(v);
    const middle = segment.lane.segment(stranger);
    const last = segment.lane.segment(alice);
    last.mail(alice, { subject: 'last' });
    v.remove(middle.path());
    v.fault(last.named);
  }),
  missing('first', 'The first of two segments is missing.', (v) => {
    const lane = v.lane();
    const first = lane.segment();
    const segment = lane.segment(alice);
    segment.mail(alice);
    v.remove(first.path());
    v.fault(segment.named);
  }),
  missing('with-blocks', 'The segment with the first of two blocks is missing.', (v) => {
    const lane = v.lane();
    const first = lane.segment();
    const segment = lane.segment(alice);
    const mail = segment.mail(alice, {
      size: 17000,
      at: (index) => ({ segment: [first, segment][index] as Segment, number: 0 }),
    });
    v.remove(first.path());
    v.damaged(mail, segment.at('envelopes', 0), segment.named);
  }),
  missing('no-previous', 'The only segment has the number 3, and says that there is none before it.', (v) => {
    const segment = v.lane().segmentOfNumber(3, alice);
    segment.mail(alice);
    v.fault(segment.named);
  }),
  missing('exchanged', 'The head of the second segment names another id than the first one has.', (v) => {
    const { segment } = oneMail(v);
    const next = segment.lane.segment();
    next.previous = `0 ${hex(v.chance(16))} channels 2 2 envelopes 2 2 blocks 1 1`;
    v.fault(next.named);
  }),
  missing(
    'in-another-lane',
    'A segment stands in another lane than the one that it follows: heads and checks are made anew.',
    (v) => {
      const lane = v.lane();
      const first = lane.segment();
      const other = v.lane();
      const segment = other.segmentOfNumber(1, alice);
      segment.mail(alice);
      segment.previous = `0 ${hex(first.place.id)} channels 0 0 envelopes 0 0 blocks 0 0`;
      v.fault(segment.named);
    },
  ),
  missing(
    'claim-of-later-one',
    'The middle of three segments is missing: what the last one claims is not for the first, which claims nothing itself. Its damaged block makes a void mail.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.claim = { channels: 0, envelopes: 0, blocks: 0 };
      segment.damage('blocks', 0, 5);
      const middle = segment.lane.segment();
      middle.claim = segment.counts;
      const last = segment.lane.segment();
      v.remove(middle.path());
      v.void(mail);
      v.fault(last.named);
    },
  ),
];

export const claims: readonly Entry[] = [...badClaims, ...sequence];
