/** Every worked octet in spec/sealing.md, journal.md and checkpoints.md, read from the pages and made again by the reference. */
import { readFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { sha3_256 } from '@noble/hashes/sha3.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import nacl from 'tweetnacl';
import { areZeros, ascii, fromHex, hex, join, unsigned } from '../../tools/reference/bytes.js';
import { hashOf, isErased, leafData, place, type SegmentName } from '../../tools/reference/cells.js';
import { keyId, readNote, type Tree, treeHash } from '../../tools/reference/checkpoints.js';
import { filesInMemory } from '../../tools/reference/files.js';
import { findMail } from '../../tools/reference/finding.js';
import { readClaim, type Stream, streamNames, streams } from '../../tools/reference/heads.js';
import { openJournal } from '../../tools/reference/journal.js';
import { decapsulate, identityOf, parseIdentities } from '../../tools/reference/keys.js';
import { blockNonce, messageKeys, openMessage, readPrelude } from '../../tools/reference/message.js';
import { channelKeys, idOf, openChannel, step } from '../../tools/reference/sealing.js';
import { assert, suite } from '../support/suite.js';
import { encodeBech32, keySetFingerprint, shownFingerprint } from './public-keys.js';

const spec = (page: string) => readFileSync(path(import.meta.dirname, '../../../spec', page), 'utf8');
const [sealing, journalPage, checkpoints] = ['sealing.md', 'journal.md', 'checkpoints.md'].map(spec) as [
  string,
  string,
  string,
];

/** The indented blocks of one section, and its tables, as lines. */
function section(page: string, title: string): string[] {
  const lines = page.split('\n');
  const from = lines.indexOf(title) + 1;
  assert.ok(from > 0, `the page has a section ${title}`);
  const end = lines.findIndex((line, i) => i >= from && /^#/.test(line));
  return lines.slice(from, end);
}

/** `label  value` lines, with the lines that go on under them. */
function entries(lines: string[]): { label: string; value: string }[] {
  const found: { label: string; value: string }[] = [];
  for (const line of lines.filter((one) => one.startsWith('    ')).map((one) => one.slice(4))) {
    const [, label, value] = /^(\S.*?)(?:\s{2,}(.*))?$/.exec(line) ?? [];
    if (label !== undefined) found.push({ label, value: value ?? '' });
    else (found.at(-1) as { value: string }).value += `\n${line.trim()}`;
  }
  return found;
}

/** Whether what the page shows (white space anywhere, … for what is left out) is this. */
function shows(value: string, actual: string): boolean {
  const parts = value.replace(/\s/g, '').split('…');
  const escaped = parts.map((part) => part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`).test(actual.replace(/\s/g, ''));
}

/** Every entry of the lines must be what is expected under its label, and every expectation must be on the page. */
function holds(lines: string[], expected: [label: string, value: string][]): void {
  const left = [...expected];
  for (const { label, value } of entries(lines)) {
    const [wanted, actual] = left.shift() ?? ['nothing more', ''];
    assert.is(label, wanted);
    assert.ok(shows(value, actual), `${label}: ${value}\nis ${actual}`);
  }
  assert.is(left.length, 0, `${left[0]?.[0]} is not on the page`);
}

const counting = (from: number, count: number) => Uint8Array.from({ length: count }, (_, i) => from + i);
const seal = (key: Uint8Array, nonce: Uint8Array, data: Uint8Array, text: Uint8Array) =>
  chacha20poly1305(key, nonce, data).encrypt(text);
const spaced = (octets: Uint8Array, ...cuts: number[]) => {
  const ends = [0, ...cuts, octets.length];
  return ends
    .slice(1)
    .map((end, i) => hex(octets.subarray(ends[i], end)))
    .join(' ');
};
const padded = (octets: Uint8Array, length: number) => join(octets, new Uint8Array(length - octets.length));
const placed = (octets: Uint8Array) => spaced(octets, 16, 32, 40, 56, 57);

const segment = {
  journal: hex(counting(0x00, 16)),
  lane: hex(counting(0x10, 16)),
  number: 1,
  id: hex(counting(0x20, 16)),
};
const identity = identityOf(counting(0x40, 32));
const fingerprint = sha256(identity.publicKey);
const secretText = encodeBech32('age-secret-key-pq-', identity.seed).toUpperCase();

// The encapsulation: draft-connolly-cfrg-xwing-kem, EncapsulateDerand.
const randomness = counting(0x60, 64);
const mlkem = ml_kem768.encapsulate(identity.publicKey.slice(0, 1184), randomness.slice(0, 32));
const x25519 = nacl.scalarMult.base(randomness.slice(32));
const theirs = identity.publicKey.slice(1184);
const shared = nacl.scalarMult(randomness.slice(32), theirs);
const S = sha3_256(join(mlkem.sharedSecret, shared, x25519, theirs, fromHex('5c2e2f2f5e5c')));
const ciphertext = join(mlkem.cipherText, x25519);

const cell = (at: Uint8Array, body: Uint8Array) => join(body, hashOf(at, body).subarray(0, 16));

const channelPlace = place(segment, 'channels', 3);
const channel = channelKeys(S, channelPlace);
const channelText = padded(join(unsigned(1, 1), fingerprint), 128);
const channelSealed = seal(channel.key, new Uint8Array(12), channelPlace, channelText);
const channelBody = join(ciphertext, channelSealed);
const channelCell = cell(channelPlace, channelBody);
const step0 = step(channel.chain0);
const step1 = step(step0.next);

const prelude = fromHex(
  entries(section(sealing, '### A message'))
    .find(({ label }) => label === 'prelude')
    ?.value.replace(/\s/g, '') ?? '',
);
const content = ascii('From: Bob <bob@example.org>\r\nSubject: hi\r\n\r\nhello\r\n');
const messageKey = counting(0xc0, 32);
const keys = messageKeys(messageKey);
const blockPlace = place(segment, 'blocks', 5);
const blockData = join(blockPlace, keys.commitment);
const blockText = padded(join(prelude, content), 16320);
const nonce = blockNonce(keys.baseNonce, 0, true, 0);
const blockBody = join(keys.commitment, seal(keys.blockKey, nonce, blockData, blockText));
const blockCell = cell(blockPlace, blockBody);
const blockH = hashOf(blockPlace, blockBody);

const text = (value: string) => join(unsigned(0x60 + value.length, 1), ascii(value));
const bytes = (value: string) => join(unsigned(0x40 + value.length, 1), ascii(value));
const texts = join(
  unsigned(0x85, 1),
  ...[text('alice@example.org'), bytes('Bob <bob@example.org>'), bytes('hi'), bytes(''), bytes('')],
);
const envelopeText = join(
  fromHex('01000000'),
  ...[unsigned(Date.UTC(2027, 0, 15, 8, 0, 0, 123), 8), unsigned(prelude.length, 4), unsigned(0, 4)],
  ...[unsigned(content.length, 8), messageKey, sha256(blockH), keySetFingerprint([fingerprint])],
  ...[unsigned(1, 2), unsigned(texts.length, 2)],
  padded(join(unsigned(1, 4), unsigned(5, 4), unsigned(1, 4)), 192),
  padded(texts, 884),
);
const envelopePlace = place(segment, 'envelopes', 9);
const envelopeNonce = counting(0xa0, 12);
const envelopeData = join(envelopePlace, step0.tag);
const envelopeSealed = seal(step0.key, envelopeNonce, envelopeData, envelopeText);
const envelopeBody = join(step0.tag, envelopeNonce, envelopeSealed);
const envelopeCell = cell(envelopePlace, envelopeBody);
const envelopeH = hashOf(envelopePlace, envelopeBody);
const erasedBody = padded(join(step0.tag, step0.secret, envelopeH), 1264);
const erasedCell = cell(envelopePlace, erasedBody);

/** The head shown on the page, its line of spaces written out, and its check computed. */
const shownHead = (() => {
  const shown = section(journalPage, '## Example').filter((line) => line.startsWith('    '));
  return shown.map((line) => line.slice(4));
})();
const headEnd = shownHead.findIndex((line) => line.startsWith('check '));
function headOf(size: number, lines: string[]): Uint8Array {
  const begin = lines.map((line) => `${line}\n`).join('');
  const open = ascii(`${begin}${' '.repeat(size - 71 - begin.length - 1)}\n`);
  return join(open, ascii(`check ${hex(sha256(open))}\n`));
}
const segmentLines = (stream: string, size: number) => [
  ...shownHead.slice(0, 5),
  `stream ${stream}`,
  `cell ${size}`,
  ...shownHead.slice(7, 9),
];
const heads: Record<string, Uint8Array> = {
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
const synced = (() => {
  const lines = section(journalPage, '## Claim').filter((line) =>
    /^ {4}(synced \d|[0-9a-f]{32}$)/.test(line),
  );
  return ascii(lines.map((line) => `${line.slice(4)}\n`).join(''));
})();

/** The segment of the example as a journal; cells that the pages do not show are zeros. */
function exampleJournal(envelope: Uint8Array) {
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
const signing = nacl.sign.keyPair.fromSeed(counting(0xe0, 32));
const signer = hex(signing.publicKey);

function exampleRoot(
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

function exampleNote(one: SegmentName, trees: Record<Stream, Tree>, previous: string): Uint8Array {
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

suite('worked examples', (test) => {
  test('checkpoints of two segments, their roots and signatures', () => {
    const lines = section(checkpoints, '## Example');
    const before = { ...segment, number: 0, id: hex(counting(0x30, 16)) };
    const trees = (
      one: SegmentName,
      [channels, envelopes, blocks]: number[],
      known: Record<Stream, Record<number, Uint8Array>>,
    ) => ({
      channels: {
        size: channels as number,
        root: exampleRoot(one, 'channels', channels as number, known.channels),
      },
      envelopes: {
        size: envelopes as number,
        root: exampleRoot(one, 'envelopes', envelopes as number, known.envelopes),
      },
      blocks: { size: blocks as number, root: exampleRoot(one, 'blocks', blocks as number, known.blocks) },
    });
    const noteBefore = exampleNote(
      before,
      trees(before, [8, 40, 70], { channels: {}, envelopes: {}, blocks: {} }),
      'none',
    );
    const cells = { channels: { 3: channelBody }, envelopes: { 9: envelopeBody }, blocks: { 5: blockBody } };
    const note = exampleNote(segment, trees(segment, [8, 12, 6], cells), `0 ${hex(sha256(noteBefore))}`);
    const erased = trees(segment, [8, 12, 6], { ...cells, envelopes: { 9: erasedBody } });
    assert.equal(erased, trees(segment, [8, 12, 6], cells));

    const first = lines.findIndex((line) => line.startsWith('The file of segment 0'));
    const second = lines.findIndex((line) => line.includes('The file of segment 1'));
    assert.ok(first > 0 && second > first);
    holds(lines.slice(0, first), [
      ['seed', hex(counting(0xe0, 32))],
      ['signer', signer],
      ['key id', hex(keyId(`lane-${segment.lane}`, signer))],
    ]);
    for (const [from, to, octets, one] of [
      [first, second, noteBefore, before],
      [second, lines.length, note, segment],
    ] as const) {
      const rows = lines
        .slice(from + 1, to)
        .filter((line, i, all) => line.startsWith('    ') || all[i + 1]?.startsWith('    —'));
      const shown = rows.map((line) => `${line.slice(4)}\n`).join('');
      assert.is(shown.replace(/^\n/, ''), new TextDecoder().decode(octets));
      assert.ok(lines[from]?.includes(`The file of segment ${one.number}, ${octets.length} octets`));
      assert.ok(
        lines
          .slice(from + 1, to + 1)
          .join(' ')
          .includes(`Its SHA-256 is ${hex(sha256(octets))}.`),
      );
      const read = readNote(octets, signer, 'example');
      assert.equal([read.lane, read.number, read.id], [one.lane, one.number, one.id]);
      assert.throws(() => readNote(octets, hex(counting(1, 32)), 'example'), /another key/);
    }
  });

  test('keys', () => {
    holds(section(sealing, '## Example'), [
      ['journal id', segment.journal],
      ['lane id', segment.lane],
      ['segment', '1'],
      ['segment id', segment.id],
      ['seed', `${hex(identity.seed)} ${secretText}`],
      ['public key', `${hex(identity.publicKey)} ${encodeBech32('age1pq', identity.publicKey)}`],
      ['fingerprint', hex(fingerprint)],
      ['as shown', shownFingerprint(fingerprint)],
    ]);
    assert.equal(parseIdentities(`# a comment\n\n ${secretText} \r\n`, 'example')[0]?.seed, identity.seed);
    assert.is(encodeBech32('age1pq', identity.publicKey).length, 1959);
  });

  test('a channel, its whole cell, and its chain', () => {
    const lines = section(sealing, '### A channel');
    const isBase64 = (line: string) => /^ {4}[A-Za-z0-9+/=]{8,}$/.test(line);
    const base64 = lines.filter((line) => isBase64(line)).join('');
    assert.equal(new Uint8Array(Buffer.from(base64, 'base64')), channelCell);
    const chainAt = lines.indexOf('The chain:');
    const wholeAt = lines.indexOf('The whole cell, in base64:');
    assert.ok(wholeAt > 0 && chainAt > wholeAt);
    holds(lines.slice(0, wholeAt), [
      ['place', placed(channelPlace)],
      ['SHA-256 of the ciphertext', hex(sha256(ciphertext))],
      ['shared secret', hex(S)],
      ['channel key', hex(channel.key)],
      ['text', hex(channelText)],
      ['sealed text', hex(channelSealed)],
      ['its tag', hex(channelSealed.subarray(128))],
      ['H', hex(hashOf(channelPlace, channelBody))],
    ]);
    holds(lines.slice(chainAt), [
      ['chain 0', hex(channel.chain0)],
      ['secret 0', hex(step0.secret)],
      ['tag 0', hex(step0.tag)],
      ['key 0', hex(step0.key)],
      ['chain 1', hex(step0.next)],
      ['secret 1', hex(step1.secret)],
      ['tag 1', hex(step1.tag)],
      ['key 1', hex(step1.key)],
    ]);
    assert.equal(decapsulate(identity, ciphertext), S);
    const whole = { ...exampleJournal(envelopeCell).segments[0] } as Parameters<typeof openChannel>[0];
    assert.equal(openChannel(whole, 3, channelBody, identity), channel.chain0);
    assert.is(openChannel(whole, 4, channelBody, identity), undefined);
  });

  test('a message', () => {
    const other = (level: number, final: boolean, index: number) =>
      hex(blockNonce(keys.baseNonce, level, final, index));
    holds(section(sealing, '### A message'), [
      ['prelude', hex(prelude)],
      ['content', new TextDecoder().decode(content).replaceAll('\r\n', '\\r\\n')],
      ['message key', hex(messageKey)],
      ['block key', hex(keys.blockKey)],
      ['commitment', hex(keys.commitment)],
      ['base nonce', hex(keys.baseNonce)],
      [
        'nonce',
        `${hex(nonce)} level 0, index 0, final ${other(0, false, 258)} level 0, index 258, not final
         (of another message) ${other(1, true, 0)} level 1, index 0, final (of another message)`,
      ],
      ['place', placed(blockPlace)],
      ['cell begins', hex(blockCell)],
      ['tag', hex(blockBody.subarray(16352))],
      ['H', hex(blockH)],
      ['SHA-256 of the cell', hex(sha256(blockCell))],
      ['leaves digest', hex(sha256(blockH))],
    ]);
    const said = { from: 'bob@example.org', helo: 'mx.example.org', client: '192.0.2.7' };
    assert.equal(readPrelude(prelude, 'example'), { ...said, protocol: 'smtp', tls: '' });
    assert.is(prelude.length, 78);
    assert.is(content.length, 51);
  });

  test('an envelope', () => {
    const lines = section(sealing, '### An envelope');
    const begin = lines.findIndex((line) => line.startsWith('    place'));
    const dump = lines
      .slice(0, begin)
      .map((line) => /([0-9a-f]{4}) {2}((?:(?:[0-9a-f]{2}|…)(?: |$))+)/.exec(line));
    const rows = dump.flatMap((row) =>
      row ? [{ at: Number.parseInt(row[1] ?? '', 16), octets: row[2] ?? '' }] : [],
    );
    let seen = 0;
    rows.forEach(({ at, octets }, i) => {
      const end = rows[i + 1]?.at ?? 1204;
      assert.is(at, seen);
      if (octets.includes('…')) assert.ok(areZeros(envelopeText.subarray(at, end)));
      else assert.is(octets.replaceAll(' ', ''), hex(envelopeText.subarray(at, end)));
      seen = end;
    });
    assert.is(seen, 1204);
    holds(lines.slice(begin), [
      ['place', placed(envelopePlace)],
      ['cell begins', hex(envelopeCell)],
      ['tag of the AEAD', hex(envelopeSealed.subarray(1204))],
      ['H', hex(envelopeH)],
      ['SHA-256 of the cell', hex(sha256(envelopeCell))],
      ['id of the mail', idOf(step0.tag)],
    ]);
  });

  test('heads, the claim, and an erased envelope', () => {
    const shown = shownHead.map((line) =>
      /^\(\d+ spaces\)$/.test(line) ? ' '.repeat(Number.parseInt(line.slice(1), 10)) : line,
    );
    const head = `${shown.slice(0, headEnd + 1).join('\n')}\n`;
    assert.equal(ascii(head), heads.channels);
    const rows = section(journalPage, '## Example').filter((line) => line.startsWith('| `'));
    assert.is(rows.length, 5);
    for (const row of rows) {
      const [name, spaces, check, digest] = row
        .slice(1)
        .split('|')
        .map((column) => column.trim());
      const whole = heads[/`(\w+)`/.exec(name ?? '')?.[1] ?? ''] as Uint8Array;
      const asText = new TextDecoder().decode(whole);
      assert.is(/ +(?=\ncheck)/.exec(asText)?.[0].length, Number(spaces));
      assert.ok(shows(check ?? '', asText.slice(-65)), `${name}: ${check}`);
      assert.is(digest, hex(sha256(whole)));
    }
    assert.equal(readClaim(synced, place(segment, 'channels', 0)), { channels: 8, envelopes: 12, blocks: 6 });
    assert.is(readClaim(synced, place({ ...segment, number: 2 }, 'channels', 0)), undefined);
    const after = section(journalPage, '## Example');
    const erasedAt = after.indexOf('Envelope 9 of the example, erased:');
    assert.ok(erasedAt > 0);
    holds(after.slice(erasedAt), [
      ['body', hex(erasedBody)],
      ['check', hex(erasedCell.subarray(1264))],
      ['SHA-256 of the cell', hex(sha256(erasedCell))],
      ['leaf data, before and after', hex(join(step0.tag, envelopeH))],
    ]);
    assert.ok(isErased(erasedBody));
    assert.not(isErased(envelopeBody));
  });

  test('the example is a journal that its owner reads, and cannot after erasing', () => {
    const journal = exampleJournal(envelopeCell);
    const [mail, more] = findMail(journal, [identity]).mails;
    assert.is(more, undefined);
    assert.is(mail?.state, 'counts');
    if (mail?.state !== 'counts') return;
    assert.is(mail.id, 'u7hqlafwerprk');
    assert.is(mail.envelope.recipient, 'alice@example.org');
    const pieces = [...openMessage(journal, mail.segment, mail.envelope, mail.at)];
    assert.equal(
      pieces.map(({ part }) => part),
      ['prelude', 'content'],
    );
    assert.equal(pieces[1]?.octets, content);
    assert.is(findMail(exampleJournal(erasedCell), [identity]).mails[0]?.state, 'erased');
    assert.equal(findMail(journal, [identityOf(counting(0x41, 32))]).mails, []);
  });
});
