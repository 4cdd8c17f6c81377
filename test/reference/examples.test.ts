/** Every worked octet in spec/sealing.md, journal.md and checkpoints.md, read from the pages and made again by the reference. */
import { sha256 } from '@noble/hashes/sha2.js';
import { areZeros, ascii, hex, join } from '../../tools/reference/bytes.js';
import { hashOf, isErased, place, type SegmentName } from '../../tools/reference/cells.js';
import { keyId, readNote } from '../../tools/reference/checkpoints.js';
import { findMail } from '../../tools/reference/finding.js';
import { readClaim, type Stream } from '../../tools/reference/heads.js';
import { decapsulate, identityOf, parseIdentities } from '../../tools/reference/keys.js';
import { blockNonce, openMessage, readPrelude } from '../../tools/reference/message.js';
import { idOf, openChannel } from '../../tools/reference/sealing.js';
import { assert, suite } from '../support/suite.js';
import { checkpoints, holds, journalPage, sealing, section, shows } from './example-page.js';
import {
  blockBody,
  blockCell,
  blockH,
  blockPlace,
  channel,
  channelBody,
  channelCell,
  channelPlace,
  channelSealed,
  channelText,
  ciphertext,
  content,
  counting,
  envelopeBody,
  envelopeCell,
  envelopeH,
  envelopePlace,
  envelopeSealed,
  envelopeText,
  erasedBody,
  erasedCell,
  exampleJournal,
  exampleNote,
  exampleRoot,
  fingerprint,
  headEnd,
  heads,
  identity,
  keys,
  messageKey,
  nonce,
  placed,
  prelude,
  S,
  secretText,
  segment,
  shownHead,
  signer,
  step0,
  step1,
  synced,
} from './example-values.js';
import { encodeBech32, shownFingerprint } from './public-keys.js';

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
