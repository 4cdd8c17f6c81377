/** Vectors without a fault: where mail stands, and how long it is. */
import { type Entry, oneMail, vector } from '../entry.js';
import { somePrelude } from '../message.js';
import { alice, bob, carol, stranger } from '../people.js';
import type { Scene } from '../scene.js';

const ok = (name: string, comment: string, make: (scene: Scene) => void): Entry =>
  vector(`ok-${name}`, 'ok', comment, make);

/** A message whose plaintext, prelude and content, has so many octets. */
const ofLength = (total: number, blocks: string): Entry =>
  ok(`plaintext-of-${total}`, `Prelude and content have ${total} octets together: ${blocks}.`, (v) => {
    oneMail(v, { size: total - somePrelude.length });
  });

const lengths: readonly Entry[] = [
  ok('one-mail', 'One mail for one owner, after a filler.', (v) => {
    oneMail(v);
  }),
  ofLength(16320, 'one full block'),
  ofLength(16321, 'one block and one octet'),
  ofLength(32672, 'two full blocks'),
  ofLength(32673, 'two blocks and one octet'),
  ok('empty-content', 'The content has no octets; the prelude stands.', (v) => {
    oneMail(v, { size: 0 });
  }),
  ok('empty-plaintext', 'Prelude, content and trailer have no octets; the message has one block.', (v) => {
    oneMail(v, { size: 0, prelude: new Uint8Array(0) });
  }),
  ok(
    'content-begins-in-block-1',
    'The prelude fills block 0 exactly, and the content begins in block 1.',
    (v) => {
      oneMail(v, { prelude: new Uint8Array(16320) });
    },
  ),
  ok('trailer', 'A trailer, a CBOR map of texts, follows the content.', (v) => {
    oneMail(v, { trailer: Buffer.from('a1637370666470617373', 'hex') });
  }),
  ok('trailer-in-another-block', 'The content ends with block 0, and the trailer fills block 1.', (v) => {
    oneMail(v, { size: 16320 - somePrelude.length, trailer: v.chance(16352) });
  }),
  ok('padding-not-zeros', 'Behind the plaintext its block has octets that are not zeros.', (v) => {
    oneMail(v, { text: (text) => text.set(v.chance(1000), 15320) });
  }),
];

const recipients: readonly Entry[] = [
  ok('two-recipients', 'One message with an envelope for each of two identities.', (v) => {
    v.readers = [alice, bob];
    const segment = v.lane().segment(bob, alice);
    const message = segment.message();
    const time = v.tick();
    segment.envelope(message, alice, { receivedAt: time });
    segment.envelope(message, bob, { receivedAt: time });
  }),
  ok(
    'blind-copy',
    'One message to two keys; only the identity of the second is here, and finds only its own.',
    (v) => {
      v.readers = [bob];
      const segment = v.lane().segment(bob, alice);
      const message = segment.message();
      segment.envelope(message, alice);
      segment.envelope(message, bob);
    },
  ),
  ok(
    'same-key-twice',
    'One message came to two addresses of one key: two envelopes, two mails, the same blocks.',
    (v) => {
      const segment = v.lane().segment(alice);
      const message = segment.message();
      const time = v.tick();
      segment.envelope(message, alice, { receivedAt: time, fields: { recipient: 'a@example.org' } });
      segment.envelope(message, alice, { receivedAt: time, fields: { recipient: 'b@example.org' } });
    },
  ),
  ok('identity-without-mail', 'Two identities; one of them has a channel, and no mail.', (v) => {
    v.readers = [alice, bob];
    const segment = v.lane().segment(bob, alice);
    segment.mail(alice);
  }),
  ok('others-between', 'Mail of somebody else stands before, between and behind.', (v) => {
    const segment = v.lane().segment(alice, stranger);
    segment.mail(stranger);
    segment.mail(alice, { subject: 'first' });
    segment.filler('envelopes', 2);
    segment.mail(alice, { subject: 'second' });
    segment.mail(stranger);
  }),
  ok(
    'two-channels-of-one-key',
    'Two channels of one identity in a segment, each with a mail, and a third after both.',
    (v) => {
      const segment = v.lane().segment(alice);
      const first = segment.channelOf(alice);
      segment.mail(alice, { subject: 'first' });
      segment.channel(alice);
      segment.mail(alice, { subject: 'second' });
      segment.addChannel(segment.body('channels', 0), first);
      segment.mail(alice, { subject: 'third' });
    },
  ),
  ok(
    'no-zero-step',
    'The first envelope of the channel is sealed with step 7: earlier steps were lost.',
    (v) => {
      oneMail(v, { step: 7 });
    },
  ),
  ok('gap-of-1023', 'The first envelope is sealed with step 1023, the last that is expected.', (v) => {
    oneMail(v, { step: 1023 });
  }),
  ok('look-ahead-moves', 'Steps 0 and 1024: finding the first makes the second expected.', (v) => {
    const { segment } = oneMail(v);
    segment.mail(alice, { step: 1024 });
  }),
  ok('look-ahead-moves-twice', 'Steps 1000, 2024 and 3048: each is 1024 after the one before.', (v) => {
    const segment = v.lane().segment(alice);
    const message = segment.message();
    for (const step of [1000, 2024, 3048]) segment.envelope(message, alice, { step });
  }),
  ok('steps-out-of-order', 'Steps 2, 0 and 1 of a channel stand in this order: tags stay expected.', (v) => {
    const segment = v.lane().segment(alice);
    const message = segment.message();
    for (const step of [2, 0, 1]) segment.envelope(message, alice, { step });
  }),
  ok(
    'receive-times',
    'Mails are listed by receive time and not by cell; equal times by cell; the times reach from 0 to 2^53 - 1.',
    (v) => {
      const segment = v.lane().segment(alice);
      const message = segment.message();
      for (const receivedAt of [2 ** 53 - 1, 5000, 5000, 0, 4999])
        segment.envelope(message, alice, { receivedAt });
    },
  ),
];

const segments: readonly Entry[] = [
  ok('empty-segment', 'A segment that holds channels alone.', (v) => {
    const lane = v.lane();
    lane.segment(alice, stranger);
    lane.segment(alice).mail(alice);
  }),
  ok('segment-without-channels', 'A segment with no cells at all, before one with a mail.', (v) => {
    const lane = v.lane();
    lane.segment();
    lane.segment(alice).mail(alice);
  }),
  ok('two-segments', 'A mail in each of two segments.', (v) => {
    const lane = v.lane();
    lane.segment(alice).mail(alice, { subject: 'first' });
    lane.segment(stranger, alice).mail(alice, { subject: 'second' });
  }),
  ok(
    'blocks-in-two-segments',
    'A segment ended while the content came: its blocks stand in two, the envelope in the second.',
    (v) => {
      const lane = v.lane();
      const first = lane.segment(alice);
      const second = lane.segment(alice);
      second.mail(alice, {
        size: 17000,
        at: (index) => ({ segment: index === 0 ? first : second, number: 0 }),
      });
    },
  ),
  ok('blocks-in-earlier-segment', 'All blocks stand in the segment before that of the envelope.', (v) => {
    const lane = v.lane();
    const first = lane.segment(alice);
    lane.segment(alice).mail(alice, { at: () => ({ segment: first, number: 0 }) });
  }),
  ok(
    'blocks-in-later-segment',
    'A block stands in a later segment than the envelope: a run may name any segment of the lane.',
    (v) => {
      const lane = v.lane();
      const first = lane.segment(alice);
      const second = lane.segment();
      first.mail(alice, { at: () => ({ segment: second, number: 0 }) });
    },
  ),
  ok(
    'two-lanes',
    'Two lanes, each with its own segment 0; mails of both are listed by receive time.',
    (v) => {
      const [one, other] = [v.lane().segment(alice), v.lane().segment(alice)];
      one.mail(alice, { subject: 'first', receivedAt: 1000 });
      other.mail(alice, { subject: 'second', receivedAt: 2000 });
      one.envelope(one.message({ size: 0, subject: 'third' }), alice, { receivedAt: 3000 });
    },
  ),
  ok(
    'same-segment-in-two-lanes',
    'Runs name segments of their own lane: both lanes have a block 0 in a segment 0.',
    (v) => {
      v.readers = [alice, carol];
      const [one, other] = [v.lane().segment(alice), v.lane().segment(carol)];
      one.mail(alice, { subject: 'first' });
      other.mail(carol, { subject: 'second' });
    },
  ),
  ok(
    'lane-without-segments',
    'A lane that was begun, and holds nothing yet, beside one with a mail.',
    (v) => {
      v.lane();
      oneMail(v);
    },
  ),
  ok(
    'segment-numbers-of-nine-digits',
    'Segments 0, 99999999 and 100000000: they are in the order of numbers, not of names.',
    (v) => {
      const lane = v.lane();
      const message = lane.segment(stranger).message();
      for (const number of [99999999, 100000000])
        lane.segmentOfNumber(number, alice).envelope(message, alice, { receivedAt: 1000 });
    },
  ),
  ok(
    'foreign-names',
    'Files and folders beside those of the journal, whose names mean nothing or belong to a writer at work.',
    (v) => {
      const { segment } = oneMail(v);
      const folder = segment.lane.folder;
      const other = Buffer.from('not for readers\n');
      for (const path of [
        'journal.unfinished',
        'lane.unfinished/lane',
        'lane-0123/lane',
        `${folder}/unfinished/channels`,
        `${folder}/segment-1/channels`,
        `${folder}/segment-000000001/channels`,
        `${folder}/segment-4294967295/channels`,
        segment.path('notes'),
      ])
        v.files.set(path, other);
    },
  ),
];

const runs: readonly Entry[] = [
  ok('two-runs', 'A block of another message stands between two blocks of this one.', (v) => {
    oneMail(v, { size: 17000, at: (index) => ({ number: 2 * index }) });
  }),
  ok('blocks-backwards', 'Three blocks stand in falling order: three runs.', (v) => {
    oneMail(v, {
      size: 40000,
      at: (index, count) => ({ number: count - 1 - index }),
    });
  }),
  ok('sixteen-runs', 'Sixteen blocks in falling order: sixteen runs, as many as an envelope holds.', (v) => {
    oneMail(v, {
      size: 16320 + 14 * 16352,
      at: (index, count) => ({ number: count - 1 - index }),
    });
  }),
  ok('seventeen-runs', 'Seventeen blocks in falling order: their runs stand in an index block.', (v) => {
    oneMail(v, {
      size: 16320 + 15 * 16352,
      at: (index, count) => ({ number: count - 1 - index }),
    });
  }),
  ok(
    'index-of-one-run',
    'Depth 1 where the envelope would have had room: an index block with one run.',
    (v) => {
      oneMail(v, { depth: 1 });
    },
  ),
  ok('index-two-blocks', 'Depth 1: two index blocks with one run each; only the second is final.', (v) => {
    oneMail(v, {
      ...{ size: 17000, depth: 1, runsPerIndexBlock: 1 },
      at: (index) => ({ number: 1 - index }),
    });
  }),
  ok('index-depth-2', 'Depth 2: two index blocks of level 1 under one of level 2.', (v) => {
    const segment = v.lane().segment(alice);
    segment.mail(alice, {
      ...{ size: 17000, depth: 2, runsPerIndexBlock: 1 },
      at: (index) => ({ number: 1 - index }),
    });
  }),
  ok(
    'index-depth-4',
    'Depth 4, the limit: an index block on each of four levels over one data block.',
    (v) => {
      oneMail(v, { depth: 4 });
    },
  ),
];

export const good: readonly Entry[] = [...lengths, ...recipients, ...segments, ...runs];
