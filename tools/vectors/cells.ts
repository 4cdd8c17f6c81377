/** Vectors about single cells: damaged, torn, cut off, void and erased ones. */
import { streams } from '../../src/format/place.js';
import { type Entry, oneMail, vector } from './entry.js';
import { alice, bob } from './people.js';
import { checkAt, offsetOf } from './segment.js';

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

const torn = (name: string, comment: string, make: Entry['make']) =>
  vector(`torn-tail-${name}`, 'torn-tail', comment, make);

const torns: readonly Entry[] = [
  torn(
    'partial-cells',
    'Behind the last whole cell of every stream there are some octets of a cell that was cut off.',
    (v) => {
      const { segment } = oneMail(v);
      const octets = v.chance(1279);
      for (const file of ['channels', 'channels.mirror', 'envelopes']) v.append(segment.path(file), octets);
      v.append(segment.path('blocks'), v.chance(16383));
    },
  ),
  torn('envelope', 'Behind the claim there is a whole envelope cell whose check does not hold.', (v) => {
    v.append(oneMail(v).segment.path('envelopes'), v.chance(1280));
  }),
  torn('block-of-zeros', 'Behind the claim there is a block cell of zeros.', (v) => {
    v.append(oneMail(v).segment.path('blocks'), new Uint8Array(16384));
  }),
  torn(
    'channels',
    'Behind the claim there is a channel cell whose check does not hold in either copy.',
    (v) => {
      const { segment } = oneMail(v);
      for (const file of ['channels', 'channels.mirror']) v.append(segment.path(file), v.chance(1280));
    },
  ),
  torn(
    'channel-in-one-copy',
    'A channel behind the claim is torn in `channels`, and stands in the mirror; its mail counts.',
    (v) => {
      const { segment } = oneMail(v);
      segment.channel(alice);
      segment.mail(alice, { subject: 'newest' });
      segment.claim = { channels: 2, envelopes: 2, blocks: 1 };
      v.flip(segment.path('channels'), offsetOf('channels', 2));
    },
  ),
  torn(
    'claim-lags',
    'Nothing is claimed; two fillers do not match their checks, and the mail counts.',
    (v) => {
      const { segment } = oneMail(v);
      segment.filler('envelopes');
      segment.claim = { channels: 0, envelopes: 0, blocks: 0 };
      for (const number of [0, 2]) segment.damage('envelopes', number, 3);
    },
  ),
  vector('ok-claim-lags', 'ok', 'Nothing is claimed, and everything stands.', (v) => {
    oneMail(v).segment.claim = { channels: 0, envelopes: 0, blocks: 0 };
  }),
  vector('ok-filler-behind-claim', 'ok', 'Behind the claim there are fillers with good checks.', (v) => {
    const { segment } = oneMail(v);
    segment.claim = segment.counts;
    for (const stream of streams) segment.filler(stream);
  }),
];

/** Alice's envelope is behind the claim. */
const unclaimed = (name: string, expect: string, comment: string, make: Entry['make']) =>
  vector(name, expect, comment, make);

const voids: readonly Entry[] = [
  unclaimed(
    'void-block-torn',
    'void',
    'Neither envelope nor block is claimed, and the block is torn.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.claim = { envelopes: 1, blocks: 0 };
      segment.damage('blocks', 0, 5);
      v.void(mail);
    },
  ),
  unclaimed(
    'void-block-missing',
    'void',
    'Neither envelope nor blocks are claimed, and the second block is missing.',
    (v) => {
      const { segment, mail } = oneMail(v, { size: 17000 });
      segment.claim = { envelopes: 1, blocks: 0 };
      v.cut(segment.path('blocks'), offsetOf('blocks', 1, 9999));
      v.void(mail);
    },
  ),
  unclaimed(
    'void-block-claimed',
    'void',
    'The envelope is not claimed; its block is, and does not match its check: that is a fault of the block.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.claim = { envelopes: 1 };
      segment.damage('blocks', 0, 5);
      v.void(mail);
      v.fault(segment.at('blocks', 0));
    },
  ),
  unclaimed('void-envelope-torn', 'void', 'An envelope that is not claimed is torn behind its tag.', (v) => {
    const { segment, mail } = oneMail(v);
    segment.claim = { envelopes: 1 };
    (segment.cells.envelopes[1] as Uint8Array).fill(0, 512);
    v.void(mail);
  }),
  unclaimed(
    'void-envelope-changed',
    'void',
    'An envelope that is not claimed does not open, and its check holds.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.claim = { envelopes: 1 };
      segment.change('envelopes', 1, (body) => body.reverse().set(body.slice(-32).reverse()));
      v.void(mail);
    },
  ),
  unclaimed(
    'void-index-block-missing',
    'void',
    'An envelope that is not claimed names an index block that is missing.',
    (v) => {
      const { segment, mail } = oneMail(v, { depth: 1 });
      segment.claim = { envelopes: 1, blocks: 0 };
      v.cut(segment.path('blocks'), offsetOf('blocks', 1));
      v.void(mail);
    },
  ),
  unclaimed(
    'void-index-block-does-not-open',
    'void',
    'An envelope that is not claimed names an index block that does not open, and whose check holds.',
    (v) => {
      const { segment, mail } = oneMail(v, { depth: 1 });
      segment.claim = { envelopes: 1 };
      segment.put('blocks', 1, v.chance(16368));
      v.void(mail);
    },
  ),
  unclaimed(
    'void-segment-missing',
    'void',
    'An envelope that is not claimed names a block of a segment that is not there.',
    (v) => {
      const { segment, mail } = oneMail(v, { plaintext: (text) => text.set([0, 0, 0, 7], 128) });
      segment.claim = { envelopes: 1 };
      v.void(mail);
    },
  ),
  unclaimed('void-beside-whole', 'void', 'Of two mails that are not claimed one has all its blocks.', (v) => {
    const { segment, mail } = oneMail(v);
    segment.mail(alice, { subject: 'whole' });
    segment.claim = { envelopes: 1, blocks: 0 };
    segment.damage('blocks', 0, 16370);
    v.void(mail);
  }),
  unclaimed(
    'leaves-mismatch-unclaimed',
    'leaves-mismatch',
    'The envelope is not claimed, and its block was exchanged for another with a good check: the mail counts, and is damaged.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.claim = { envelopes: 1 };
      segment.put('blocks', 0, v.chance(16368));
      v.damaged(mail, segment.at('envelopes', 1));
    },
  ),
  unclaimed(
    'unknown-version-envelope-unclaimed',
    'unknown-version',
    'An envelope that is not claimed has the version 2: that is told.',
    (v) => {
      const { segment, mail } = oneMail(v, {
        plaintext: (text) => {
          text[0] = 2;
        },
      });
      segment.claim = { envelopes: 1 };
      v.lost(mail);
    },
  ),
  unclaimed(
    'extended-message-unclaimed',
    'extended',
    'The envelope is not claimed, and names a block more than the lengths need; both stand. That is damage.',
    (v) => {
      const { segment, mail } = oneMail(v, {
        plaintext: (text) => {
          text[139] = 2;
        },
      });
      segment.filler('blocks');
      segment.claim = { envelopes: 1 };
      v.damaged(mail, segment.at('envelopes', 1));
    },
  ),
];

const gone = (name: string, comment: string, make: Entry['make']) =>
  vector(`erased-${name}`, 'erased', comment, make);

const erased: readonly Entry[] = [
  gone('one-mail', 'An envelope has the erased form.', (v) => {
    const { segment, mail } = oneMail(v);
    segment.erase(mail);
    segment.leaveOutBlocks();
    v.erased(mail);
  }),
  gone('beside-whole', 'The first of two mails was erased.', (v) => {
    const { segment, mail } = oneMail(v);
    segment.mail(alice, { subject: 'second' });
    segment.erase(mail);
    v.erased(mail);
  }),
  gone('by-one-recipient', 'One recipient erased a mail that another one keeps.', (v) => {
    v.readers = [alice, bob];
    const segment = v.lane().segment(alice, bob);
    const message = segment.message();
    const mail = segment.envelope(message, alice);
    segment.envelope(message, bob);
    segment.erase(mail);
    v.erased(mail);
  }),
  gone('by-others', 'Somebody else erased a mail: nobody here finds it, and it is no fault.', (v) => {
    v.readers = [bob];
    const { segment, mail } = oneMail(v);
    segment.erase(mail);
    segment.leaveOutBlocks();
  }),
  gone('unclaimed', 'An envelope behind the claim has the erased form.', (v) => {
    const { segment, mail } = oneMail(v);
    segment.erase(mail);
    segment.claim = { envelopes: 1 };
    v.erased(mail);
  }),
  gone(
    'hash-damaged',
    'The H of what was here was changed in an erased envelope, and its check does not hold: the mail is erased, and that is a fault of the cell.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.erase(mail);
      segment.damage('envelopes', 1, 70);
      v.erased(mail);
      v.fault(segment.at('envelopes', 1));
    },
  ),
  vector(
    'envelope-auth-nearly-erased',
    'envelope-auth',
    'An envelope has the erased form but for its last octet, which is not zero.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.erase(mail);
      segment.change('envelopes', 1, (body) => {
        body[1263] = 1;
      });
      v.lost(mail);
    },
  ),
];

export const cells: readonly Entry[] = [...mismatches, ...truncated, ...torns, ...voids, ...erased];
