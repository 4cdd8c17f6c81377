/** What the reference takes and refuses where the pages say so: keys, CBOR, heads, places in memory. */
import { sha256 } from '@noble/hashes/sha2.js';
import { ascii, Fault, fromHex, hex, join } from '../../tools/reference/bytes.js';
import { decodeCbor } from '../../tools/reference/cbor.js';
import { filesInMemory } from '../../tools/reference/files.js';
import { readJournalHead } from '../../tools/reference/heads.js';
import { decapsulate, decodeBech32, identityOf } from '../../tools/reference/keys.js';
import { blocksFor } from '../../tools/reference/message.js';
import { assert, suite } from '../support/suite.js';
import { encodeBech32 } from './public-keys.js';

const refused = (octets: Uint8Array) => {
  assert.throws(
    () => decodeCbor(octets, 'here'),
    (error: unknown) => error instanceof Fault && error.place === 'here',
  );
};

function journalHead(lines: string[], size = 512): Uint8Array {
  const begin = lines.map((line) => `${line}\n`).join('');
  const open = ascii(`${begin}${' '.repeat(size - 72 - begin.length)}\n`);
  return join(open, ascii(`check ${hex(sha256(open))}\n`));
}

suite('what the reference takes and refuses', (test) => {
  test('BIP 173: both cases, no mix, no changed letter, no filling bits', () => {
    const octets = Uint8Array.from({ length: 32 }, (_, i) => i);
    const text = encodeBech32('age1pq', octets);
    assert.equal(decodeBech32('age1pq', text), octets);
    assert.equal(decodeBech32('age1pq', text.toUpperCase()), octets);
    assert.is(decodeBech32('age1pq', text.slice(0, 10) + text.slice(10).toUpperCase()), undefined);
    assert.is(decodeBech32('age1', text), undefined);
    for (let i = 0; i < text.length; i += 1) {
      const changed = text.slice(0, i) + (text[i] === 'q' ? 'p' : 'q') + text.slice(i + 1);
      assert.is(decodeBech32('age1pq', changed), undefined);
    }
    // From BIP 173's list of valid texts.
    assert.equal(decodeBech32('a', 'A12UEL5L'), new Uint8Array());
    assert.is(
      hex(decodeBech32('abcdef', 'abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw') ?? new Uint8Array()),
      '00443214c74254b635cf84653a56d7c675be77df',
    );
  });

  test('CBOR: heads of any length; no tags, open lengths, bad UTF-8, or octets behind', () => {
    assert.equal(decodeCbor(fromHex('9b000000000000000161' + '61'), 'here'), ['a']);
    assert.equal(decodeCbor(fromHex('a161616162'), 'here'), new Map([['a', 'b']]));
    for (const bad of [
      '',
      '61',
      '9f6161ff',
      '7f6161ff',
      'd9d9f76161',
      '62fffe',
      '616100',
      '01',
      '20',
      'f5',
      '9a00010000',
    ])
      refused(fromHex(bad));
    for (let length = 0; length < 7; length += 1)
      refused(fromHex('8361614162a0'.slice(0, 2 * Math.min(length, 5))));
  });

  test('a head of another length, version or check is refused, and a line that is not known is skipped', () => {
    const lines = ['obalka journal 1', `journal ${'ab'.repeat(16)}`];
    const read = (journal: Uint8Array) => readJournalHead(filesInMemory({ journal }));
    assert.is(read(journalHead(lines)), 'ab'.repeat(16));
    assert.is(read(journalHead([...lines, 'new line'])), 'ab'.repeat(16));
    assert.throws(() => read(journalHead(lines, 600)), /length/);
    assert.throws(() => read(journalHead(lines).slice(0, 511)), /length/);
    assert.throws(() => read(journalHead(['obalka journal 2', 'key 1'])), /newer/);
    assert.throws(() => read(journalHead(['obalka lane 1', lines[1] as string])), /no head of a journal/);
    assert.throws(() => read(journalHead([lines[0] as string, 'journal ABCD'])), /no good line journal/);
    const changed = journalHead(lines);
    changed[300] = 33;
    assert.throws(() => read(changed), /check/);
    assert.throws(() => readJournalHead(filesInMemory({})), /missing/);
  });

  test('an X25519 part of low order gives nothing', () => {
    const identity = identityOf(new Uint8Array(32).fill(7));
    assert.is(decapsulate(identity, new Uint8Array(1120)), undefined);
    assert.is(decapsulate(identity, new Uint8Array(1120).fill(9))?.length, 32);
  });

  test('blocks(n) turns where the page says', () => {
    const turns = [0, 16320, 16321, 32672, 32673].map(blocksFor);
    assert.equal(turns, [1, 1, 2, 2, 3]);
  });
});
