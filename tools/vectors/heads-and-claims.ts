/** Vectors about heads, claims and the sequence of segments. */
import { hex } from '../../src/core/bytes.js';
import { encodeClaim } from '../../src/format/claim.js';
import { type Entry, fillersAlone, oneMail, vector } from './entry.js';
import { encodeHead, withLine } from './heads.js';
import { alice, stranger } from './people.js';
import type { Scene } from './scene.js';
import { headSize, type Segment, type StreamFile, streamFiles } from './segment.js';

const head = (name: string, comment: string, make: Entry['make']) =>
  vector(`head-damaged-${name}`, 'head-damaged', comment, make);

/** One head of the segment says something else, with a good check: that is its fault alone. */
const oneHead = (
  name: string,
  comment: string,
  file: StreamFile,
  lines: (lines: string[], scene: Scene) => string[],
  expect = 'head-damaged',
): Entry =>
  vector(`${expect}-${name}`, expect, `${comment}; the other three heads are good.`, (v) => {
    const segment = fillersAlone(v);
    segment.lines = (each, all) => (each === file ? lines(all, v) : all);
    v.fault(`${segment.named}, ${file}`);
  });

/** No head of Alice's only segment can be read. */
function unreadable(v: Scene, segment: Segment): void {
  v.fault(segment.named, ...segment.headNames);
}

const segmentHeads: readonly Entry[] = [
  head('blocks', 'One bit of the head of `blocks` was changed; the other three heads are good.', (v) => {
    const { segment } = oneMail(v);
    v.flip(segment.path('blocks'), 1000);
    v.fault(`${segment.named}, blocks`);
  }),
  head('three', 'Three of four heads were changed: that of the mirror tells what the segment is.', (v) => {
    const { segment } = oneMail(v);
    for (const file of ['channels', 'envelopes', 'blocks']) {
      v.flip(segment.path(file), 4095);
      v.fault(`${segment.named}, ${file}`);
    }
  }),
  head('all', 'All four heads of a segment were changed: it cannot be read, and the next one can.', (v) => {
    const { segment, mail } = oneMail(v);
    segment.leaveOutBlocks();
    v.unfound(mail);
    const next = segment.lane.segment(alice);
    next.mail(alice, { subject: 'next' });
    for (const file of streamFiles) v.flip(segment.path(file), 40);
    unreadable(v, segment);
    v.fault(next.named);
  }),
  oneHead('other-id', 'The head of `envelopes` has another segment id', 'envelopes', (lines, v) =>
    withLine(lines, 'id', `id ${hex(v.chance(16))}`),
  ),
  head(
    'other-id-first',
    'The head of `channels` has another segment id, which is taken: no other head, no claim and no cell is good with it.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.leaveOutBlocks();
      segment.lines = (file, lines) =>
        file === 'channels' ? withLine(lines, 'id', `id ${hex(v.chance(16))}`) : lines;
      v.unfound(mail);
      const others = ['envelopes', 'blocks', 'channels.mirror', 'synced'];
      v.fault(...others.map((file) => `${segment.named}, ${file}`));
    },
  ),
  oneHead('other-stream', 'The head of `blocks` is that of the envelopes', 'blocks', (lines) =>
    withLine(withLine(lines, 'stream', 'stream envelopes'), 'cell', 'cell 1280'),
  ),
  oneHead(
    'mirror-stream',
    'The head of the mirror names a stream that there is not',
    'channels.mirror',
    (lines) => withLine(lines, 'stream', 'stream channels.mirror'),
  ),
  oneHead('other-segment', 'The head of `channels` has another segment number', 'channels', (lines) =>
    withLine(lines, 'segment', 'segment 1'),
  ),
  oneHead('other-lane', 'The head of `channels` names another lane', 'channels', (lines, v) =>
    withLine(lines, 'lane', `lane ${hex(v.chance(16))}`),
  ),
  oneHead('other-journal', 'The head of `channels` names another journal', 'channels', (lines, v) =>
    withLine(lines, 'journal', `journal ${hex(v.chance(16))}`),
  ),
  oneHead('cell-size', 'The head of `envelopes` has another cell size', 'envelopes', (lines) =>
    withLine(lines, 'cell', 'cell 1281'),
  ),
  oneHead('week', 'The head of `blocks` has a week of one digit', 'blocks', (lines) =>
    withLine(lines, 'week', 'week 2027-W2'),
  ),
  oneHead('no-week', 'The head of `blocks` has no line for the week', 'blocks', (lines) =>
    withLine(lines, 'week', undefined),
  ),
  oneHead('id-upper-case', 'The head of `blocks` has its id in upper case', 'blocks', (lines) =>
    lines.map((line) => (line.startsWith('id ') ? `id ${line.slice(3).toUpperCase()}` : line)),
  ),
  oneHead(
    'number-of-11-digits',
    'The head of `blocks` has a segment number of eleven digits',
    'blocks',
    (lines) => withLine(lines, 'segment', 'segment 00000000000'),
  ),
  oneHead(
    'previous',
    'The head of `blocks` says of the segment before how its blocks were left and no more',
    'blocks',
    (lines) => withLine(lines, 'previous', `previous 0 ${'00'.repeat(16)} blocks 1 1`),
  ),
  oneHead('kind', 'The head of `blocks` is one of the kind `lane`', 'blocks', (lines) => [
    'obalka lane 1',
    ...lines.slice(1),
  ]),
  oneHead(
    'segment-head',
    'The head of `channels` has the version 2',
    'channels',
    (lines) => ['obalka segment 2', ...lines.slice(1)],
    'unknown-version',
  ),
  oneHead(
    'segment-head-01',
    'The head of `channels` has the version 01, which is not 1',
    'channels',
    (lines) => ['obalka segment 01', ...lines.slice(1)],
    'unknown-version',
  ),
  vector(
    'unknown-version-segment',
    'unknown-version',
    'All heads of a segment have the version 2, and lines of other kinds.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.leaveOutBlocks();
      segment.lines = () => ['obalka segment 2', 'everything is different'];
      v.unfound(mail);
      unreadable(v, segment);
    },
  ),
];

const otherHeads: readonly Entry[] = [
  head(
    'journal',
    'One bit of the head of the journal was changed: that is told, and the heads below it tell which journal this is.',
    (v) => {
      oneMail(v);
      v.flip('journal', 30);
      v.fault('journal');
    },
  ),
  head(
    'journal-longer',
    'The head of the journal has 600 octets, and a check over all before its last 71.',
    (v) => {
      oneMail(v);
      v.files.set('journal', encodeHead(['obalka journal 1', `journal ${hex(v.id)}`], 600));
      v.fault('journal');
    },
  ),
  head('journal-no-id', 'The head of the journal has no id.', (v) => {
    oneMail(v);
    v.lines = ([first]) => [first as string];
    v.fault('journal');
  }),
  head('journal-empty', 'The head of the journal has no octets.', (v) => {
    oneMail(v);
    v.cut('journal', 0);
    v.fault('journal');
  }),
  vector(
    'unknown-version-journal',
    'unknown-version',
    'The head of the journal has the version 2: nothing is read.',
    (v) => {
      v.unfound(oneMail(v).mail);
      v.lines = (lines) => ['obalka journal 2', ...lines.slice(1)];
      v.fault('journal');
    },
  ),
  head('lane', 'One bit of the head of a lane was changed: that is told, and the lane is read.', (v) => {
    const { segment } = oneMail(v);
    v.flip(`${segment.lane.folder}/lane`, 200);
    v.fault(segment.lane.named);
  }),
  head('lane-missing', 'The head of a lane is missing: that is told, and the lane is read.', (v) => {
    const { segment } = oneMail(v);
    v.files.delete(`${segment.lane.folder}/lane`);
    v.fault(segment.lane.named);
  }),
  head('lane-longer', 'The head of a lane has 4096 octets, and a check over all before its last 71.', (v) => {
    const { segment } = oneMail(v);
    const lines = ['obalka lane 1', `journal ${hex(v.id)}`, `lane ${hex(segment.lane.id)}`];
    v.files.set(`${segment.lane.folder}/lane`, encodeHead(lines, headSize));
    v.fault(segment.lane.named);
  }),
  head(
    'lane-of-other-journal',
    'The head of a lane names another journal: that is told, and the lane is read.',
    (v) => {
      const { segment } = oneMail(v);
      segment.lane.lines = (lines) => withLine(lines, 'journal', `journal ${hex(v.chance(16))}`);
      v.fault(segment.lane.named);
    },
  ),
  vector(
    'unknown-version-lane',
    'unknown-version',
    'The head of a lane has the version 2: that is told, and the lane is read.',
    (v) => {
      const { segment } = oneMail(v);
      segment.lane.lines = (lines) => ['obalka lane 2', ...lines.slice(1)];
      v.fault(segment.lane.named);
    },
  ),
];

const unusual: readonly Entry[] = [
  vector('ok-head-unknown-lines', 'ok', 'All heads have lines that are not known.', (v) => {
    const { segment } = oneMail(v);
    const more = (lines: string[]) => [
      ...lines,
      'colour green',
      'taste',
      'segments 7',
      'check 0123',
      'x'.repeat(40),
    ];
    v.lines = more;
    segment.lane.lines = more;
    segment.lines = (_, lines) => more(lines);
  }),
  vector(
    'ok-head-line-without-space',
    'ok',
    'Lines without a space, longer by one letter than a key that is known: they are other lines.',
    (v) => {
      const { segment } = oneMail(v);
      segment.lines = (_, lines) => [...lines, 'weeks', 'idx', 'previouss'];
      v.lines = (lines) => [...lines, 'journals'];
    },
  ),
  vector('ok-head-key-twice', 'ok', 'Keys stand twice in the heads: the last line counts.', (v) => {
    const { segment } = oneMail(v);
    const wrong = `0${'1'.repeat(31)}`;
    v.lines = ([first, ...lines]) => [first as string, `journal ${wrong}`, ...lines];
    segment.lines = (_, [first, ...lines]) => [
      first as string,
      `id ${wrong}`,
      'segment 9',
      'week none',
      ...lines,
    ];
  }),
  vector('ok-head-lines-in-another-order', 'ok', 'The lines of the heads stand in another order.', (v) => {
    const { segment } = oneMail(v);
    segment.lines = (_, [first, ...lines]) => [first as string, ...lines.reverse()];
  }),
];

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

const claims: readonly Entry[] = [
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

export const headsAndClaims: readonly Entry[] = [
  ...segmentHeads,
  ...otherHeads,
  ...unusual,
  ...claims,
  ...sequence,
];
