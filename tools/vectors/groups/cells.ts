/** Vectors about single cells that were claimed: damaged ones, and ones that were cut off. */
import { type Entry, oneMail, vector } from '../entry.js';
import { alice } from '../people.js';
import { checkAt, offsetOf } from '../segment.js';

const mismatch = (name: string, comment: string, make: Entry['make']) =>
  vector(`check-mismatch-${name}`, 'check-mismatch', comment, make);

const mismatches: readonly Entry[] = [
  mismatch('block', 'One bit of a block was changed.', (v) => {
    const { segment, mail } = oneMail(v);
    segment.damage('blocks', 0, 9000);
    v.damaged(mail, segment.at('blocks', 0));
  }),
  mismatch('block-check', 'One bit of the check of a block was changed: the block would open.', (v) => {
    const { segment, mail } = oneMail(v);
    segment.damage('blocks', 0, 16383);
    v.damaged(mail, segment.at('blocks', 0));
  }),
  mismatch('last-block', 'One bit of the last of three blocks was changed: nothing is given out.', (v) => {
    const { segment, mail } = oneMail(v, { size: 33000 });
    segment.damage('blocks', 2, 1);
    v.damaged(mail, segment.at('blocks', 2));
  }),
  mismatch('zeros', 'A block has zeros in place of all its octets.', (v) => {
    const { segment, mail } = oneMail(v);
    (segment.cells.blocks[0] as Uint8Array).fill(0);
    v.damaged(mail, segment.at('blocks', 0));
  }),
  mismatch('index-block', 'One bit of an index block was changed.', (v) => {
    const { segment, mail } = oneMail(v, { depth: 1 });
    segment.damage('blocks', 1, 7);
    v.damaged(mail, segment.at('blocks', 1));
  }),
  mismatch(
    'block-of-others',
    "One bit of a block of somebody else was changed: one's own mail is whole.",
    (v) => {
      const { segment } = oneMail(v);
      segment.filler('blocks');
      segment.damage('blocks', 1, 0);
      v.fault(segment.at('blocks', 1));
    },
  ),
  mismatch('envelope', 'One bit of a sealed envelope was changed.', (v) => {
    const { segment, mail } = oneMail(v);
    segment.damage('envelopes', 1, 500);
    segment.leaveOutBlocks();
    v.lost(mail);
  }),
  mismatch(
    'envelope-tag',
    'One bit of the tag of an envelope was changed: its owner does not find it.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.damage('envelopes', 1, 31);
      segment.leaveOutBlocks();
      v.unfound(mail);
      v.fault(segment.at('envelopes', 1));
    },
  ),
  mismatch(
    'envelope-check',
    'One bit of the check of an envelope was changed: it opens, and its mail counts.',
    (v) => {
      const { segment } = oneMail(v);
      segment.damage('envelopes', 1, checkAt('envelopes'));
      v.fault(segment.at('envelopes', 1));
    },
  ),
  mismatch('filler', 'One bit of a filler among the envelopes was changed.', (v) => {
    const { segment } = oneMail(v);
    segment.damage('envelopes', 0, 100);
    v.fault(segment.at('envelopes', 0));
  }),
  mismatch('channel', 'One bit of a channel cell was changed in `channels`: the mirror is taken.', (v) => {
    const { segment } = oneMail(v);
    v.flip(segment.path('channels'), offsetOf('channels', 1, 700));
    v.fault(segment.at('channels', 1));
  }),
  mismatch('channel-mirror', 'One bit of a channel cell was changed in `channels.mirror`.', (v) => {
    const { segment } = oneMail(v);
    v.flip(segment.path('channels.mirror'), offsetOf('channels', 1, 700));
    v.fault(`${segment.at('channels', 1)} (mirror)`);
  }),
  mismatch(
    'channel-each-copy',
    'One channel cell was changed in `channels`, and another in the mirror: a good copy is left of each.',
    (v) => {
      const segment = v.lane().segment(alice, alice);
      segment.mail(alice);
      v.flip(segment.path('channels'), offsetOf('channels', 1));
      v.flip(segment.path('channels.mirror'), offsetOf('channels', 0));
      v.fault(segment.at('channels', 1), `${segment.at('channels', 0)} (mirror)`);
    },
  ),
  mismatch(
    'channel-both',
    'One bit of a channel cell was changed in both copies: its mail is not found.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.damage('channels', 1, 100);
      segment.leaveOutBlocks();
      v.unfound(mail);
      v.fault(segment.at('channels', 1), `${segment.at('channels', 1)} (mirror)`);
    },
  ),
  mismatch(
    'channel-check-both',
    'One bit of the check of a channel cell was changed in both copies: the channel would open, and is not looked at.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.damage('channels', 1, checkAt('channels'));
      v.unfound(mail);
      v.fault(segment.at('channels', 1), `${segment.at('channels', 1)} (mirror)`);
    },
  ),
];

const cut = (name: string, comment: string, make: Entry['make']) =>
  vector(`truncated-${name}`, 'truncated', comment, make);

const truncated: readonly Entry[] = [
  cut('blocks', 'The file of blocks ends after its head, and a block was claimed.', (v) => {
    const { segment, mail } = oneMail(v);
    v.cut(segment.path('blocks'), offsetOf('blocks', 0));
    v.damaged(mail, segment.at('blocks', 0));
  }),
  cut('mid-block', 'The file of blocks ends one octet before the end of its second block.', (v) => {
    const { segment, mail } = oneMail(v, { size: 17000 });
    v.cut(segment.path('blocks'), offsetOf('blocks', 2) - 1);
    v.damaged(mail, segment.at('blocks', 1));
  }),
  cut('blocks-in-head', 'The file of blocks ends within its head.', (v) => {
    const { segment, mail } = oneMail(v);
    v.cut(segment.path('blocks'), 4095);
    v.damaged(mail, `${segment.named}, blocks`, segment.at('blocks', 0));
  }),
  cut('blocks-gone', 'The file of blocks is missing.', (v) => {
    const { segment, mail } = oneMail(v);
    v.files.delete(segment.path('blocks'));
    v.damaged(mail, `${segment.named}, blocks`, segment.at('blocks', 0));
  }),
  cut('envelopes', 'The file of envelopes ends before a mail that was claimed.', (v) => {
    const { segment, mail } = oneMail(v);
    v.cut(segment.path('envelopes'), offsetOf('envelopes', 1));
    v.unfound(mail);
    v.fault(segment.at('envelopes', 1));
  }),
  cut('mid-envelope', 'The file of envelopes ends within an envelope that was claimed.', (v) => {
    const { segment, mail } = oneMail(v);
    v.cut(segment.path('envelopes'), offsetOf('envelopes', 1, 1279));
    v.unfound(mail);
    v.fault(segment.at('envelopes', 1));
  }),
  cut('channels', 'Both copies of the channels end before a channel that was claimed.', (v) => {
    const { segment, mail } = oneMail(v);
    segment.leaveOutBlocks();
    for (const file of ['channels', 'channels.mirror']) v.cut(segment.path(file), offsetOf('channels', 1));
    v.unfound(mail);
    v.fault(segment.at('channels', 1));
  }),
  cut('channels-one-copy', 'The file of channels ends early; the mirror has all cells.', (v) => {
    const { segment } = oneMail(v);
    v.cut(segment.path('channels'), offsetOf('channels', 1));
    v.fault(segment.at('channels', 1));
  }),
  cut('mirror', 'The mirror ends early; the file of channels has all cells.', (v) => {
    const { segment } = oneMail(v);
    v.cut(segment.path('channels.mirror'), offsetOf('channels', 1));
    v.fault(`${segment.at('channels', 1)} (mirror)`);
  }),
  cut(
    'claimed-by-successor',
    'The claim lags and claims nothing, but the next segment says how many cells there were: the last block is missing.',
    (v) => {
      const { segment, mail } = oneMail(v, { size: 17000 });
      segment.claimBySuccessor = segment.counts;
      segment.claim = { channels: 0, envelopes: 0, blocks: 0 };
      segment.lane.segment();
      v.cut(segment.path('blocks'), offsetOf('blocks', 1));
      v.damaged(mail, segment.at('blocks', 1));
    },
  ),
];

export const cells: readonly Entry[] = [...mismatches, ...truncated];
