/** Vectors about heads. */
import { hex } from '../../../src/core/bytes.js';
import { type Entry, fillersAlone, oneMail, vector } from '../entry.js';
import { encodeHead, withLine } from '../heads.js';
import { alice } from '../people.js';
import type { Scene } from '../scene.js';
import { headSize, type Segment, type StreamFile, streamFiles } from '../segment.js';

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

const everyHead = (name: string, comment: string, lines: (lines: string[]) => string[]): Entry =>
  head(name, comment, (v) => {
    const segment = fillersAlone(v);
    segment.lines = (_, all) => lines(all);
    unreadable(v, segment);
  });

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
  everyHead('week', 'All heads have a week of one digit: none can be read.', (lines) =>
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
  everyHead(
    'previous',
    'All heads say of the segment before how its blocks were left and no more: none can be read.',
    (lines) => withLine(lines, 'previous', `previous 0 ${'00'.repeat(16)} blocks 1 1`),
  ),
  oneHead('other-week', 'The head of `blocks` has another week than that of `channels`', 'blocks', (lines) =>
    withLine(lines, 'week', 'week 2027-W03'),
  ),
  oneHead(
    'other-previous',
    'The head of the mirror says something else of the segment before than that of `channels`',
    'channels.mirror',
    (lines) =>
      withLine(lines, 'previous', `previous 0 ${'00'.repeat(16)} channels 0 0 envelopes 0 0 blocks 0 0`),
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
  head(
    'lane-of-other-lane',
    'The head of a lane names another lane: that is told, and the lane is read.',
    (v) => {
      const { segment } = oneMail(v);
      segment.lane.lines = (lines) => withLine(lines, 'lane', `lane ${hex(v.chance(16))}`);
      v.fault(segment.lane.named);
    },
  ),
  head(
    'journal-and-lane',
    'The heads of the journal and of its only lane are missing: those of the segment tell which journal this is.',
    (v) => {
      const { segment } = oneMail(v);
      v.files.delete('journal');
      v.files.delete(`${segment.lane.folder}/lane`);
      v.fault('journal', segment.lane.named);
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

export const heads: readonly Entry[] = [...segmentHeads, ...otherHeads, ...unusual];
