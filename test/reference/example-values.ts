/** The values of the worked examples, made by the reference from what the pages give. */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { sha3_256 } from '@noble/hashes/sha3.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import nacl from 'tweetnacl';
import { ascii, fromHex, hex, join, unsigned } from '../../tools/reference/bytes.js';
import { hashOf, leafData, place, type SegmentName } from '../../tools/reference/cells.js';
import { keyId, type Tree, treeHash } from '../../tools/reference/checkpoints.js';
import { filesInMemory } from '../../tools/reference/files.js';
import { type Stream, streamNames, streams } from '../../tools/reference/heads.js';
import { openJournal } from '../../tools/reference/journal.js';
import { identityOf } from '../../tools/reference/keys.js';
import { blockNonce, messageKeys } from '../../tools/reference/message.js';
import { channelKeys, step } from '../../tools/reference/sealing.js';
import { entries, journalPage, sealing, section } from './example-page.js';
import { encodeBech32, keySetFingerprint } from './public-keys.js';

export const counting = (from: number, count: number) =>
  Uint8Array.from({ length: count }, (_, i) => from + i);
export const seal = (key: Uint8Array, nonce: Uint8Array, data: Uint8Array, text: Uint8Array) =>
  chacha20poly1305(key, nonce, data).encrypt(text);
export const spaced = (octets: Uint8Array, ...cuts: number[]) => {
  const ends = [0, ...cuts, octets.length];
  return ends
    .slice(1)
    .map((end, i) => hex(octets.subarray(ends[i], end)))
    .join(' ');
};
export const padded = (octets: Uint8Array, length: number) =>
  join(octets, new Uint8Array(length - octets.length));
export const placed = (octets: Uint8Array) => spaced(octets, 16, 32, 40, 56, 57);

export const segment = {
  journal: hex(counting(0x00, 16)),
  lane: hex(counting(0x10, 16)),
  number: 1,
  id: hex(counting(0x20, 16)),
};
export const identity = identityOf(counting(0x40, 32));
export const fingerprint = sha256(identity.publicKey);
export const secretText = encodeBech32('age-secret-key-pq-', identity.seed).toUpperCase();

// The encapsulation: draft-connolly-cfrg-xwing-kem, EncapsulateDerand.
export const randomness = counting(0x60, 64);
export const mlkem = ml_kem768.encapsulate(identity.publicKey.slice(0, 1184), randomness.slice(0, 32));
export const x25519 = nacl.scalarMult.base(randomness.slice(32));
export const theirs = identity.publicKey.slice(1184);
export const shared = nacl.scalarMult(randomness.slice(32), theirs);
export const S = sha3_256(join(mlkem.sharedSecret, shared, x25519, theirs, fromHex('5c2e2f2f5e5c')));
export const ciphertext = join(mlkem.cipherText, x25519);

export const cell = (at: Uint8Array, body: Uint8Array) => join(body, hashOf(at, body).subarray(0, 16));

export const channelPlace = place(segment, 'channels', 3);
export const channel = channelKeys(S, channelPlace);
export const channelText = padded(join(unsigned(1, 1), fingerprint), 128);
export const channelSealed = seal(channel.key, new Uint8Array(12), channelPlace, channelText);
export const channelBody = join(ciphertext, channelSealed);
export const channelCell = cell(channelPlace, channelBody);
export const step0 = step(channel.chain0);
export const step1 = step(step0.next);

export const prelude = fromHex(
  entries(section(sealing, '### A message'))
    .find(({ label }) => label === 'prelude')
    ?.value.replace(/\s/g, '') ?? '',
);
export const content = ascii('From: Bob <bob@example.org>\r\nSubject: hi\r\n\r\nhello\r\n');
export const messageKey = counting(0xc0, 32);
export const keys = messageKeys(messageKey);
export const blockPlace = place(segment, 'blocks', 5);
export const blockData = join(blockPlace, keys.commitment);
export const blockText = padded(join(prelude, content), 16320);
export const nonce = blockNonce(keys.baseNonce, 0, true, 0);
export const blockBody = join(keys.commitment, seal(keys.blockKey, nonce, blockData, blockText));
export const blockCell = cell(blockPlace, blockBody);
export const blockH = hashOf(blockPlace, blockBody);

export const text = (value: string) => join(unsigned(0x60 + value.length, 1), ascii(value));
export const bytes = (value: string) => join(unsigned(0x40 + value.length, 1), ascii(value));
export const texts = join(
  unsigned(0x85, 1),
  ...[text('alice@example.org'), bytes('Bob <bob@example.org>'), bytes('hi'), bytes(''), bytes('')],
);
export const envelopeText = join(
  fromHex('01000000'),
  ...[unsigned(Date.UTC(2027, 0, 15, 8, 0, 0, 123), 8), unsigned(prelude.length, 4), unsigned(0, 4)],
  ...[unsigned(content.length, 8), messageKey, sha256(blockH), keySetFingerprint([fingerprint])],
  ...[unsigned(1, 2), unsigned(texts.length, 2)],
  padded(join(unsigned(1, 4), unsigned(5, 4), unsigned(1, 4)), 192),
  padded(texts, 884),
);
export const envelopePlace = place(segment, 'envelopes', 9);
export const envelopeNonce = counting(0xa0, 12);
export const envelopeData = join(envelopePlace, step0.tag);
export const envelopeSealed = seal(step0.key, envelopeNonce, envelopeData, envelopeText);
export const envelopeBody = join(step0.tag, envelopeNonce, envelopeSealed);
export const envelopeCell = cell(envelopePlace, envelopeBody);
export const envelopeH = hashOf(envelopePlace, envelopeBody);
export const erasedBody = padded(join(step0.tag, step0.secret, envelopeH), 1264);
export const erasedCell = cell(envelopePlace, erasedBody);

/** The head shown on the page, its line of spaces written out, and its check computed. */
export const shownHead = (() => {
  const shown = section(journalPage, '## Example').filter((line) => line.startsWith('    '));
  return shown.map((line) => line.slice(4));
})();
export const headEnd = shownHead.findIndex((line) => line.startsWith('check '));
export function headOf(size: number, lines: string[]): Uint8Array {
  const begin = lines.map((line) => `${line}\n`).join('');
  const open = ascii(`${begin}${' '.repeat(size - 71 - begin.length - 1)}\n`);
  return join(open, ascii(`check ${hex(sha256(open))}\n`));
}
export const segmentLines = (stream: string, size: number) => [
  ...shownHead.slice(0, 5),
  `stream ${stream}`,
  `cell ${size}`,
  ...shownHead.slice(7, 9),
];
export const heads: Record<string, Uint8Array> = {
  channels: headOf(4096, segmentLines('channels', 1280)),
  envelopes: headOf(4096, segmentLines('envelopes', 1280)),
  blocks: headOf(4096, segmentLines('blocks', 16384)),
  journal: headOf(512, ['obalka journal 1', `journal ${segment.journal}`]),
  lane: headOf(512, [
    'obalka lane 1',
    `journal ${segment.journal}`,
    `lane ${segment.lane}`,
    `signer ${hex(nacl.sign.keyPair.fromSeed(counting(0xe0, 32)).publicKey)}`,
  ]),
};
export const synced = (() => {
  const lines = section(journalPage, '## Claim').filter((line) =>
    /^ {4}(synced \d|[0-9a-f]{32}$)/.test(line),
  );
  return ascii(lines.map((line) => `${line.slice(4)}\n`).join(''));
})();

/** The segment of the example as a journal; cells that the pages do not show are zeros. */
export function exampleJournal(envelope: Uint8Array) {
  const file = (head: Uint8Array, size: number, count: number, n: number, one: Uint8Array) =>
    join(head, new Uint8Array(n * size), one, new Uint8Array((count - n - 1) * size));
  const folder = `lane-${segment.lane}/segment-00000001`;
  const channels = file(heads.channels as Uint8Array, 1280, 8, 3, channelCell);
  return openJournal(
    filesInMemory({
      journal: heads.journal as Uint8Array,
      [`lane-${segment.lane}/lane`]: heads.lane as Uint8Array,
      [`${folder}/channels`]: channels,
      [`${folder}/channels.mirror`]: channels,
      [`${folder}/envelopes`]: file(heads.envelopes as Uint8Array, 1280, 12, 9, envelope),
      [`${folder}/blocks`]: file(heads.blocks as Uint8Array, 16384, 6, 5, blockCell),
      [`${folder}/synced`]: synced,
    }),
  );
}

/** The example of checkpoints.md: bodies of equal octets where no other example says more. */
export const signing = nacl.sign.keyPair.fromSeed(counting(0xe0, 32));
export const signer = hex(signing.publicKey);

export function exampleRoot(
  one: SegmentName,
  stream: Stream,
  count: number,
  known: Record<number, Uint8Array>,
): string {
  const leaves = Array.from({ length: count }, (_, n) => {
    const body = known[n] ?? new Uint8Array(streams[stream].size - 16).fill(0xd0 + (n % 16));
    return leafData(stream, { body, H: hashOf(place(one, stream, n), body), holds: true });
  });
  return hex(treeHash(leaves));
}

export function exampleNote(one: SegmentName, trees: Record<Stream, Tree>, previous: string): Uint8Array {
  const tree = (stream: Stream) => `${stream} ${trees[stream].size} ${trees[stream].root}\n`;
  const text = ascii(
    [
      `obalka checkpoint 1\njournal ${one.journal}\nlane ${one.lane}\nsegment ${one.number}\nid ${one.id}\n`,
      ...streamNames.map(tree),
      `previous ${previous}\n`,
    ].join(''),
  );
  const name = `lane-${one.lane}`;
  const signed = join(keyId(name, signer), nacl.sign.detached(text, signing.secretKey));
  const line = new TextEncoder().encode(`\n— ${name} ${Buffer.from(signed).toString('base64')}\n`);
  return join(text, line);
}
