/** Vectors about good checkpoints, what was changed after they were signed, and holes. */
import { type Stream, streams } from '../../../src/format/place.js';
import type { Signing } from '../checkpoint.js';
import { type Entry, oneMail, vector } from '../entry.js';
import { alice, bob, stranger } from '../people.js';
import type { Scene } from '../scene.js';
import { offsetOf, type Segment } from '../segment.js';

const ok = (name: string, comment: string, make: Entry['make']) =>
  vector(`ok-checkpoint-${name}`, 'ok', comment, make);

/** One mail in a segment that is signed. */
function signedMail(v: Scene, signing: Signing = {}) {
  const scene = oneMail(v);
  scene.segment.sign(signing);
  return scene;
}

const good: readonly Entry[] = [
  ok('one-segment', 'The checkpoint of the only segment covers all cells.', (v) => {
    signedMail(v);
  }),
  ok(
    'lags',
    'The checkpoint covers fewer cells than there are: the others are counted, and that is no fault.',
    (v) => {
      signedMail(v, { sizes: { channels: 1, envelopes: 1, blocks: 0 } });
    },
  ),
  ok('many-cells', 'Trees of eleven channels, seven envelopes and five blocks.', (v) => {
    const segment = v.lane().segment(alice);
    segment.filler('channels', 10);
    segment.filler('envelopes', 6);
    segment.mail(alice);
    segment.filler('blocks', 4);
    segment.sign();
  }),
  ok('chain', 'Three segments, each of whose checkpoints names the one before.', (v) => {
    const lane = v.lane();
    for (const owners of [[stranger], [], [alice]]) {
      const segment = lane.segment(...owners);
      if (owners[0] === alice) segment.mail(alice);
      segment.sign();
    }
  }),
  ok(
    'none-before',
    'The second segment has a checkpoint, and the first one has none: it names none.',
    (v) => {
      const lane = v.lane();
      lane.segment();
      const segment = lane.segment(alice);
      segment.mail(alice);
      segment.sign();
    },
  ),
  ok(
    'more-signatures',
    'Lines of two further signatures stand behind that of the lane: they are not looked at.',
    (v) => {
      const { segment } = signedMail(v);
      const lines = '\u2014 witness.example/one AAAA\n\u2014 x y\n';
      segment.checkpoint = Buffer.concat([segment.checkpoint as Uint8Array, Buffer.from(lines)]);
    },
  ),
  ok(
    'erased',
    'The envelope of somebody else was erased after it was signed: its leaf is what it was.',
    (v) => {
      const segment = v.lane().segment(alice, bob);
      const message = segment.message();
      segment.envelope(message, alice);
      const mail = segment.envelope(message, bob);
      segment.sign();
      segment.erase(mail);
    },
  ),
];

/** After signing, something is exchanged for something with a good check. */
const mismatch = (name: string, comment: string, make: Entry['make']) =>
  vector(`root-mismatch-${name}`, 'root-mismatch', comment, make);

const streamNamed = (segment: Segment, stream: Stream) => `${segment.named}, ${stream}`;

const mismatches: readonly Entry[] = [
  ...streams.map((stream) =>
    mismatch(
      `filler-among-${stream}`,
      `A cell of the stream ${stream} that is nobody's here was exchanged for another one with a good check.`,
      (v) => {
        const { segment } = oneMail(v);
        if (stream === 'blocks') segment.filler('blocks');
        const number = stream === 'blocks' ? 1 : 0;
        segment.sign();
        segment.change(stream, number, (body) => body.reverse());
        v.fault(streamNamed(segment, stream));
      },
    ),
  ),
  mismatch(
    'envelope',
    'The envelope of a mail was exchanged for a filler: its owner does not find it, and the root tells.',
    (v) => {
      const { segment, mail } = signedMail(v);
      segment.put('envelopes', 1, v.chance(1264));
      v.unfound(mail);
      v.fault(streamNamed(segment, 'envelopes'));
    },
  ),
  mismatch('block', 'The block of a mail was exchanged for a filler.', (v) => {
    const { segment, mail } = signedMail(v);
    segment.put('blocks', 0, v.chance(16368));
    v.damaged(mail, segment.at('envelopes', 1), streamNamed(segment, 'blocks'));
  }),
  mismatch('channel', 'The channel of an owner was exchanged for a filler in both copies.', (v) => {
    const { segment, mail } = signedMail(v);
    segment.put('channels', 1, v.chance(1264));
    v.unfound(mail);
    v.fault(streamNamed(segment, 'channels'));
  }),
  mismatch('order', "Two fillers among the envelopes stand in each other's place, with good checks.", (v) => {
    const { segment } = oneMail(v);
    segment.filler('envelopes');
    segment.sign();
    segment.exchange('envelopes', 0, 2);
    v.fault(streamNamed(segment, 'envelopes'));
  }),
  mismatch(
    'erased-hash',
    'In an erased envelope the H of what was here was changed, and the check made anew.',
    (v) => {
      const { segment, mail } = signedMail(v);
      segment.erase(mail);
      segment.change('envelopes', 1, (body) => {
        body[64] = (body[64] as number) ^ 1;
      });
      v.erased(mail);
      v.fault(streamNamed(segment, 'envelopes'));
    },
  ),
  mismatch(
    'empty',
    'The checkpoint says no blocks, and 32 zeros for the root in place of the hash of nothing.',
    (v) => {
      const { segment } = signedMail(v, {
        says: (checkpoint) => ({
          ...checkpoint,
          trees: { ...checkpoint.trees, blocks: { size: 0, root: new Uint8Array(32) } },
        }),
      });
      v.fault(streamNamed(segment, 'blocks'));
    },
  ),
  vector(
    'check-mismatch-under-checkpoint',
    'check-mismatch',
    'A block that a checkpoint covers does not match its check: that is told, and the root cannot be checked, which is no fault of its own.',
    (v) => {
      const { segment, mail } = signedMail(v);
      segment.damage('blocks', 0, 44);
      v.damaged(mail, segment.at('blocks', 0));
    },
  ),
  vector(
    'check-mismatch-claimed-by-checkpoint',
    'check-mismatch',
    'The claim says nothing, and the checkpoint covers all: its sizes count as claims, and a damaged block is damage.',
    (v) => {
      const { segment, mail } = signedMail(v);
      segment.claim = { channels: 0, envelopes: 0, blocks: 0 };
      segment.damage('blocks', 0, 44);
      v.damaged(mail, segment.at('blocks', 0));
    },
  ),
  vector(
    'truncated-under-checkpoint',
    'truncated',
    'The claim says nothing, and the file of blocks ends before the last block that the checkpoint covers.',
    (v) => {
      const { segment, mail } = oneMail(v, { size: 17000 });
      segment.sign();
      segment.claim = { channels: 0, envelopes: 0, blocks: 0 };
      v.cut(segment.path('blocks'), offsetOf('blocks', 1));
      v.damaged(mail, segment.at('blocks', 1));
    },
  ),
];

/** An envelope that is zeros from octet 96 on, and whose octets 32 to 63 are not the secret of its tag. */
const hole = (name: string, comment: string, make: (v: Scene, segment: Segment) => void) =>
  vector(`unauthorised-hole-${name}`, 'unauthorised-hole', comment, (v) => {
    const { segment } = oneMail(v);
    make(v, segment);
  });

const punch = (segment: Segment, number: number, secret: Uint8Array) =>
  segment.change('envelopes', number, (body) => {
    body.fill(0, 64);
    body.set(secret, 32);
    body.set(segment.hashes.envelopes[number] as Uint8Array, 64);
  });

const holes: readonly Entry[] = [
  hole(
    'of-others',
    'The envelope of somebody else was made to look erased without its secret.',
    (v, segment) => {
      punch(segment, 0, v.chance(32));
      v.fault(segment.at('envelopes', 0));
    },
  ),
  hole(
    'own',
    'An envelope of the owner was made to look erased with the secret of another step: it is damaged.',
    (v, segment) => {
      punch(segment, 1, segment.channelOf(alice).step(1).secret);
      for (const mail of v.mails) v.lost(mail);
    },
  ),
  hole(
    'unclaimed',
    'An envelope behind the claim was made to look erased without its secret.',
    (v, segment) => {
      segment.filler('envelopes');
      segment.claim = { envelopes: 2 };
      punch(segment, 2, v.chance(32));
      v.fault(segment.at('envelopes', 2));
    },
  ),
  hole(
    'zeros',
    'An envelope has zeros in place of all of its body: zeros are not the secret of a tag of zeros.',
    (v, segment) => {
      segment.put('envelopes', 0, new Uint8Array(1264));
      v.fault(segment.at('envelopes', 0));
    },
  ),
  hole(
    'signed',
    'An envelope that a checkpoint covers was made to look erased without its secret, with tag and H as they were: the root holds or not, the hole is told.',
    (v, segment) => {
      segment.sign();
      punch(segment, 0, v.chance(32));
      v.fault(segment.at('envelopes', 0), streamNamed(segment, 'envelopes'));
    },
  ),
];

export const checkpoints: readonly Entry[] = [...good, ...mismatches, ...holes];
