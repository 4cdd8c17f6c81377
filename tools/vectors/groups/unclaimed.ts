/** Vectors about cells that were never claimed, torn or void, and about erased ones. */
import { streams } from '../../../src/format/place.js';
import { type Entry, oneMail, vector } from '../entry.js';
import { alice, bob } from '../people.js';
import { offsetOf } from '../segment.js';

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
const notClaimed = (name: string, expect: string, comment: string, make: Entry['make']) =>
  vector(name, expect, comment, make);

const voids: readonly Entry[] = [
  notClaimed(
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
  notClaimed(
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
  notClaimed(
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
  notClaimed('void-envelope-torn', 'void', 'An envelope that is not claimed is torn behind its tag.', (v) => {
    const { segment, mail } = oneMail(v);
    segment.claim = { envelopes: 1 };
    (segment.cells.envelopes[1] as Uint8Array).fill(0, 512);
    v.void(mail);
  }),
  notClaimed(
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
  notClaimed(
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
  notClaimed(
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
  notClaimed(
    'void-segment-missing',
    'void',
    'An envelope that is not claimed names a block of a segment that is not there.',
    (v) => {
      const { segment, mail } = oneMail(v, { plaintext: (text) => text.set([0, 0, 0, 7], 128) });
      segment.claim = { envelopes: 1 };
      v.void(mail);
    },
  ),
  notClaimed(
    'void-beside-whole',
    'void',
    'Of two mails that are not claimed one has all its blocks.',
    (v) => {
      const { segment, mail } = oneMail(v);
      segment.mail(alice, { subject: 'whole' });
      segment.claim = { envelopes: 1, blocks: 0 };
      segment.damage('blocks', 0, 16370);
      v.void(mail);
    },
  ),
  notClaimed(
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
  notClaimed(
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
  notClaimed(
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

export const unclaimed: readonly Entry[] = [...torns, ...voids, ...erased];
