/** Vectors about checkpoints: what is signed, and what was changed after it was. */
import nacl from 'tweetnacl';
import { hex } from '../../src/core/bytes.js';
import { type Stream, streams } from '../../src/format/place.js';
import type { Signing } from './checkpoint.js';
import { type Entry, fillersAlone, oneMail, vector } from './entry.js';
import { alice, bob, stranger } from './people.js';
import type { Scene } from './scene.js';
import { offsetOf, type Segment } from './segment.js';

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

/** The checkpoint of the only segment is not good: that is told, and it is taken as none. */
const bad = (name: string, comment: string, signing: (v: Scene, segment: Segment) => Signing): Entry =>
  vector(`checkpoint-damaged-${name}`, 'checkpoint-damaged', comment, (v) => {
    const segment = fillersAlone(v);
    segment.sign(signing(v, segment));
    v.fault(segment.checkpointNamed);
  });

const says = (change: (checkpoint: Parameters<NonNullable<Signing['says']>>[0]) => object): Signing => ({
  says: (checkpoint) => ({ ...checkpoint, ...change(checkpoint) }),
});

/** The signed text is another one; the signature is over it. */
const badText = (name: string, comment: string, change: (text: string) => string): Entry =>
  bad(`text-${name}`, `${comment}; the signature is over that.`, () => ({
    text: (text) => Buffer.from(change(Buffer.from(text).toString())),
  }));

/** The file is another one after it was signed. */
const badFile = (name: string, comment: string, change: (file: string) => string): Entry =>
  vector(`checkpoint-damaged-file-${name}`, 'checkpoint-damaged', comment, (v) => {
    const segment = fillersAlone(v);
    segment.checkpoint = Buffer.from(change(Buffer.from(segment.sign()).toString()));
    v.fault(segment.checkpointNamed);
  });

/** The order of Ed25519's group, little-endian: 2^252 + 27742317777372353535851937790883648493. */
const order = 2n ** 252n + 27742317777372353535851937790883648493n;

/** The same signature with S + the order in place of S. */
function withLargeS(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${hex(signature.slice(32).reverse())}`) + order;
  const octets = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
  return Buffer.concat([signature.subarray(0, 32), octets]);
}

const badOnes: readonly Entry[] = [
  bad('signature', 'One bit of the signature was changed.', () => ({
    signature: (signature) => signature.map((octet, at) => (at === 10 ? octet ^ 1 : octet)),
  })),
  bad(
    'signature-s',
    'The S of the signature is above the order of the group: the same signature, written in another way.',
    () => ({ signature: withLargeS }),
  ),
  bad('other-key', 'Another key has signed.', (v) => ({ key: nacl.sign.keyPair.fromSeed(v.chance(32)) })),
  bad('other-key-right-id', 'Another key has signed, under the key id of the right one.', (v, { lane }) => ({
    key: nacl.sign.keyPair.fromSeed(v.chance(32)),
    keyIdOf: lane.signer.publicKey,
  })),
  bad('key-id', 'The key id is that of another key; the signature is right.', (v) => ({
    keyIdOf: v.chance(32),
  })),
  bad('other-segment', 'The checkpoint names another segment number.', () => says(() => ({ segment: 1 }))),
  bad('other-id', 'The checkpoint names another segment id.', (v) => says(() => ({ id: v.chance(16) }))),
  bad('other-journal', 'The checkpoint names another journal.', (v) =>
    says(() => ({ journal: v.chance(16) })),
  ),
  bad('other-lane', 'The checkpoint, and the name of its key, name another lane.', (v) =>
    says(() => ({ lane: v.chance(16) })),
  ),
  badText('line-more', 'A line more stands in the signed text', (text) => `${text}colour green\n`),
  badText('line-less', 'The line `previous` is missing in the signed text', (text) =>
    text.replace('previous none\n', ''),
  ),
  badText('order', 'Two lines of the signed text stand in the wrong order', (text) =>
    text.replace(/(channels .*\n)(envelopes .*\n)/, '$2$1'),
  ),
  badText('zero-before-number', 'A size in the signed text has a zero before it', (text) =>
    text.replace('envelopes 2', 'envelopes 02'),
  ),
  badText('number', 'A size in the signed text is 2^53', (text) =>
    text.replace('envelopes 2', `envelopes ${2 ** 53}`),
  ),
  badText('upper-case', 'A root in the signed text is in upper case', (text) =>
    text.replace(/envelopes (.*)/, (line) => line.toUpperCase().replace('ENVELOPES', 'envelopes')),
  ),
  badText('crlf', 'The lines of the signed text end with CRLF', (text) => text.replaceAll('\n', '\r\n')),
  badText('kind', 'The first line names another kind', (text) => text.replace('checkpoint 1', 'check 1')),
  vector(
    'unknown-version-checkpoint',
    'unknown-version',
    'The checkpoint has the version 2; its signature holds.',
    (v) => {
      const segment = fillersAlone(v);
      segment.sign({
        text: (text) => Buffer.from(Buffer.from(text).toString().replace('checkpoint 1', 'checkpoint 2')),
      });
      v.fault(segment.checkpointNamed);
    },
  ),
  badFile('empty', 'The file has no octets.', () => ''),
  badFile('cut', 'The file ends before its last line feed.', (file) => file.slice(0, -1)),
  badFile('no-signature', 'The file ends behind the empty line.', (file) =>
    file.slice(0, file.indexOf('\n\n') + 2),
  ),
  badFile('no-empty-line', 'There is no empty line before the signature.', (file) =>
    file.replace('\n\n', '\n'),
  ),
  badFile('two-empty-lines', 'There are two empty lines before the signature.', (file) =>
    file.replace('\n\n', '\n\n\n'),
  ),
  badFile('hyphen', 'The line of the signature begins with a hyphen in place of the em dash.', (file) =>
    file.replace('\u2014', '-'),
  ),
  badFile('other-name', 'The name of the key is another one.', (file) =>
    file.replace('\u2014 lane-', '\u2014 lane+'),
  ),
  badFile('base64-padding', 'The base64 of the signature has no padding.', (file) =>
    file.replace('=\n', '\n'),
  ),
  badFile(
    'base64-bits',
    'The last letter of the base64 has a bit that is not used: the same octets, written in another way.',
    (file) =>
      file.replace(/([A-Za-z0-9+/])=\n$/, (_, letter: string) => {
        const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
        return `${letters[letters.indexOf(letter) + 1]}=\n`;
      }),
  ),
  badFile(
    'behind',
    'A line that is no signature stands behind the signature.',
    (file) => `${file}colour green\n`,
  ),
  badFile(
    'too-long',
    'Lines of further signatures make the file longer than 65 536 octets.',
    (file) => file + '\u2014 witness.example/one AAAA\n'.repeat(2300),
  ),
];

/** A lane of two segments with a mail in the first, both signed. */
function twoSegments(v: Scene) {
  const { segment, mail } = oneMail(v);
  segment.sign();
  const next = segment.lane.segment();
  return { first: segment, next, mail };
}

const chains: readonly Entry[] = [
  vector(
    'checkpoint-damaged-exchanged',
    'checkpoint-damaged',
    'The checkpoint of the first segment was exchanged for another good one after the second named it: that is told of the first.',
    (v) => {
      const { first, next } = twoSegments(v);
      next.sign();
      first.sign({ sizes: { envelopes: 1 } });
      v.fault(first.checkpointNamed);
    },
  ),
  vector(
    'checkpoint-damaged-missing',
    'checkpoint-damaged',
    'The checkpoint of the first segment, which that of the second names, is missing.',
    (v) => {
      const { first, next } = twoSegments(v);
      next.sign();
      first.checkpoint = undefined;
      v.fault(first.checkpointNamed);
    },
  ),
  vector(
    'checkpoint-damaged-wrong-hash',
    'checkpoint-damaged',
    'The checkpoint of the second segment names the first one by another hash.',
    (v) => {
      const { first, next } = twoSegments(v);
      next.sign(says(() => ({ previous: { segment: 0, hash: v.chance(32) } })));
      v.fault(first.checkpointNamed);
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

const signers: readonly Entry[] = [
  vector(
    'head-damaged-lane-signer',
    'head-damaged',
    'The signer in the head of the lane has 62 digits.',
    (v) => {
      const { segment } = oneMail(v);
      segment.lane.lines = (lines) =>
        lines.map((line) => (line.startsWith('signer') ? line.slice(0, -2) : line));
      v.fault(segment.lane.named);
    },
  ),
];

export const checkpoints: readonly Entry[] = [
  ...good,
  ...mismatches,
  ...badOnes,
  ...chains,
  ...holes,
  ...signers,
];
