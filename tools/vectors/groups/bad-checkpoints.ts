/** Vectors about checkpoints that are not good, or not the ones that the next names. */
import nacl from 'tweetnacl';
import { hex } from '../../../src/core/bytes.js';
import { sha256 } from '../../../src/core/sha256.js';
import type { Signing } from '../checkpoint.js';
import { type Entry, fillersAlone, oneMail, vector } from '../entry.js';
import { withLine } from '../heads.js';
import type { Scene } from '../scene.js';
import type { Segment } from '../segment.js';

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
  badFile('lane-in-name', 'The name of the key is that of another lane.', (file) =>
    file.replace(/\u2014 lane-.{16}/, `\u2014 lane-${'0'.repeat(16)}`),
  ),
  badFile(
    'too-long',
    'A line of a further signature makes the file 65 537 octets long, one too many.',
    (file) => {
      const line = '\u2014 witness.example/one ';
      return `${file}${line}${'A'.repeat(65_537 - Buffer.byteLength(file + line) - 1)}\n`;
    },
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
  vector(
    'checkpoint-damaged-other-previous',
    'checkpoint-damaged',
    'The checkpoint of the third segment names the first one, with its right hash; its head names the second.',
    (v) => {
      const first = fillersAlone(v);
      const hash = sha256(first.sign());
      const { lane } = first;
      lane.segment().sign();
      const third = lane.segment();
      third.sign(says(() => ({ previous: { segment: 0, hash } })));
      v.fault(third.checkpointNamed);
    },
  ),
];

const signers: readonly Entry[] = [
  vector(
    'head-damaged-lane-no-signer',
    'head-damaged',
    'The head of the lane has no line for the signer: that is told, and the checkpoint is taken as none.',
    (v) => {
      const segment = fillersAlone(v);
      segment.sign();
      segment.lane.lines = (lines) => withLine(lines, 'signer', undefined);
      v.fault(segment.lane.named);
    },
  ),
  vector(
    'head-damaged-lane-without-pin',
    'head-damaged',
    'The head of the lane is damaged, and there is no pin: a checkpoint that has signed other cells is taken as none.',
    (v) => {
      const segment = fillersAlone(v);
      segment.sign();
      segment.put('envelopes', 0, v.chance(1264));
      v.flip(`${segment.lane.folder}/lane`, 300);
      v.fault(segment.lane.named);
    },
  ),
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

export const badCheckpoints: readonly Entry[] = [...badOnes, ...chains, ...signers];
