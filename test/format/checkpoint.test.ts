/** Checkpoints: the example of the page octet for octet, and nothing read that has not the form. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { fromHex, hex } from '../../src/core/bytes.js';
import { FormatError } from '../../src/core/errors.js';
import { closeFrame, leafData, makeFrame } from '../../src/format/cell.js';
import {
  type Checkpoint,
  checkpointHash,
  decodeCheckpoint,
  encodeCheckpoint,
  encodeCheckpointText,
  keyIdOf,
  maxCheckpointSize,
} from '../../src/format/checkpoint.js';
import type { Counts } from '../../src/format/claim.js';
import { type SegmentPlace, streams } from '../../src/format/place.js';
import { TreeEdge } from '../../src/format/tree.js';
import { isSignedBy } from '../../src/seal/signing.js';
import { SigningKey } from '../../src/seal/signing-key.js';
import { octets, places } from '../support/format-values.js';
import { assert, suite } from '../support/suite.js';

const counting = (from: number, length: number) => Uint8Array.from({ length }, (_, at) => from + at);
const page = readFileSync(join(import.meta.dirname, '../../../spec/checkpoints.md'), 'utf8');
const key = new SigningKey(counting(0xe0, 32));
const lane = { journal: counting(0, 16), lane: counting(0x10, 16) };

/** Leaf data of the cells that sealing.md and journal.md work out. */
const given: Record<string, string> = {
  'channels 3': '29f27fdccfb112c792ade47780187e6bdb4d8e06fb9328ca4305169a0c45368b',
  'envelopes 9':
    'a7cf0580b6245f1512918ce0dad276969face554049e490b10b5279b4598464102fd4069a3077f77d1e1c5e487bdbbcc6e137aef08d40c79c9d68695069dbf94',
  'blocks 5': 'caa47d28ed99e6c91cdb470bc94b21980128873edaec5d7f028a5abf2b8c4883',
};

function exampleTrees(at: SegmentPlace, sizes: Counts): Checkpoint['trees'] {
  const [channels, envelopes, blocks] = streams.map((stream) => {
    const edge = new TreeEdge();
    for (let number = 0; number < sizes[stream]; number++) {
      const frame = makeFrame(stream);
      frame.body.fill(0xd0 + (number % 16));
      const hash = closeFrame(frame, at, stream, number);
      const known = at.segment === 1 ? given[`${stream} ${number}`] : undefined;
      edge.append(known ? Buffer.from(known, 'hex') : leafData(frame.cell, hash, stream));
    }
    return { size: sizes[stream], root: edge.root() };
  });
  if (!channels || !envelopes || !blocks) throw new Error('three streams');
  return { channels, envelopes, blocks };
}

function signed(checkpoint: Checkpoint): Uint8Array {
  return encodeCheckpoint(checkpoint, key.publicKey, key.sign(encodeCheckpointText(checkpoint)));
}

/** The files of segment 0 and segment 1. */
function example(): [Uint8Array, Uint8Array] {
  const zero = { ...lane, segment: 0, id: counting(0x30, 16) };
  const before = signed({
    ...zero,
    trees: exampleTrees(zero, { channels: 8, envelopes: 40, blocks: 70 }),
    previous: undefined,
  });
  const one = { ...lane, segment: 1, id: counting(0x20, 16) };
  const trees = exampleTrees(one, { channels: 8, envelopes: 12, blocks: 6 });
  return [before, signed({ ...one, trees, previous: { segment: 0, hash: checkpointHash(before) } })];
}

/** The indented text that begins after a line of the page. */
function shownAfter(words: string): string {
  const from = page.indexOf('\n\n', page.indexOf(words)) + 2;
  const lines = page.slice(from).split('\n');
  const end = lines.findIndex((line) => line !== '' && !line.startsWith('    '));
  return `${lines
    .slice(0, end)
    .map((line) => line.slice(4))
    .join('\n')
    .trimEnd()}\n`;
}

const [first, second] = example();
const asText = Buffer.from(second).toString('latin1');

function refused(text: string, says: RegExp): void {
  assert.throws(
    () => decodeCheckpoint(Buffer.from(text, 'latin1'), 'the place'),
    (error: unknown) => error instanceof FormatError && says.test(error.message),
    JSON.stringify(text.slice(-200)),
  );
}

suite('checkpoints', (test) => {
  test('the example of the page comes out otherwise', () => {
    assert.is(shownAfter('The file of segment 0, 524 octets:'), Buffer.from(first).toString());
    assert.is(shownAfter('The file of segment 1, 585 octets:'), Buffer.from(second).toString());
    assert.equal([first.length, second.length], [524, 585]);
    for (const file of [first, second]) assert.ok(page.includes(`SHA-256 is ${hex(checkpointHash(file))}`));
    assert.ok(page.includes(`signer           ${hex(key.publicKey)}\n`));
    assert.ok(page.includes(`key id           ${hex(keyIdOf(lane.lane, key.publicKey))}\n`));
    const read = decodeCheckpoint(second, 'the place');
    assert.ok(isSignedBy(key.publicKey, read.text, read.signature));
    assert.is(hex(read.keyId), hex(keyIdOf(lane.lane, key.publicKey)));
  });

  test('a checkpoint does not come back as it was', () => {
    const number = fc.nat(Number.MAX_SAFE_INTEGER);
    const tree = fc.record({ size: number, root: octets(32) });
    const previous = fc.option(fc.record({ segment: number, hash: octets(32) }), { nil: undefined });
    fc.assert(
      fc.property(
        places,
        fc.record({ channels: tree, envelopes: tree, blocks: tree }),
        previous,
        octets(32),
        octets(64),
        (place, trees, before, signer, signature) => {
          const checkpoint = { ...place, trees, previous: before };
          const read = decodeCheckpoint(encodeCheckpoint(checkpoint, signer, signature), 'the place');
          assert.is(hex(read.text), hex(encodeCheckpointText(checkpoint)));
          assert.is(hex(encodeCheckpointText(read)), hex(read.text));
          assert.is(hex(read.signature), hex(signature));
          assert.is(hex(read.keyId), hex(keyIdOf(place.lane, signer)));
        },
      ),
      { seed: 1 },
    );
  });

  test('a file of another form is read', () => {
    const name = `lane-${hex(lane.lane)}`;
    const changes: readonly [from: string | RegExp, to: string, says: RegExp][] = [
      ['obalka checkpoint 1\n', 'obalka checkpoint 2\n', /^the place: checkpoint version 2.*newer obalka$/],
      ['obalka checkpoint 1\n', 'obalka segment 1\n', /not a checkpoint/],
      ['segment 1\n', 'segment 01\n', /form/],
      ['segment 1\n', 'segment 1\r\n', /form/],
      ['segment 1\n', 'segment 9007199254740992\n', /2\^53/],
      ['channels 8 ', 'channels 08 ', /form/],
      ['channels 8 1e', 'channels 8 1E', /form/],
      ['channels 8', ' channels 8', /form/],
      ['blocks 6', 'blocks -6', /form/],
      [/envelopes .*\n/, '', /form/],
      [/(envelopes .*\n)(blocks .*\n)/, '$2$1', /form/],
      [/previous .*\n/, 'previous none\nlight blue\n', /form/],
      [/previous .*\n/, 'previous 0\n', /form/],
      [/\n\n.*\n$/s, '\n', /form/],
      [/\n\n.*\n$/s, '\n\n', /form/],
      ['\n\n', '\n', /form/],
      ['\n\n', '\n\n\n', /form/],
      ['\xe2\x80\x94 ', '- ', /form/],
      [name, name.replace('1f', '2f'), /another lane/],
      ['=\n', '\n', /form/],
      ['I=\n', 'J=\n', /form/],
      [/ W3JJ.*\n/, ' W3JJOg==\n', /form/],
      [/\n$/, '', /form/],
      [/$/, 'more\n', /form/],
      [/$/, '\xe2\x80\x94 other\n', /form/],
      [/$/, '\n', /form/],
    ];
    for (const [from, to, says] of changes) {
      assert.is.not(asText.replace(from, to), asText, String(from));
      refused(asText.replace(from, to), says);
    }
    refused('', /not a checkpoint/);
    const long = `${asText}${'\xe2\x80\x94 other word\n'.repeat(maxCheckpointSize / 14)}`;
    refused(long, /too long/);
  });

  test('the signatures of others make a checkpoint unreadable, or are read', () => {
    const witnessed = Buffer.concat([second, Buffer.from('— witness.example/key AAAAB3Nz\n')]);
    const read = decodeCheckpoint(witnessed, 'the place');
    assert.is(hex(read.signature), hex(decodeCheckpoint(second, 'the place').signature));
    assert.is.not(hex(checkpointHash(witnessed)), hex(checkpointHash(second)));
  });

  test('a flipped octet goes unseen', () => {
    for (let at = 0; at < second.length; at++) {
      const changed = second.slice();
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      let holds: boolean;
      try {
        const read = decodeCheckpoint(changed, 'the place');
        holds =
          hex(read.keyId) === hex(keyIdOf(read.lane, key.publicKey)) &&
          isSignedBy(key.publicKey, read.text, read.signature);
      } catch (error) {
        assert.instance(error, FormatError);
        holds = false;
      }
      assert.not(holds, `octet ${at}`);
    }
  });

  test('an erased envelope has another leaf', () => {
    const secret = fromHex('c9b5a31ef164ac593f9dff9008c76cb4afd3aa20df4b221359074f73e17a3ac6', 32);
    const leaf = Buffer.from(given['envelopes 9'] as string, 'hex');
    const frame = makeFrame('envelopes');
    frame.body.fill(0);
    frame.body.set(leaf.subarray(0, 32));
    frame.body.set(secret as Uint8Array, 32);
    frame.body.set(leaf.subarray(32), 64);
    const at = { ...lane, segment: 1, id: counting(0x20, 16) };
    const hash = closeFrame(frame, at, 'envelopes', 9);
    assert.is(hex(leafData(frame.cell, hash, 'envelopes')), hex(leaf));
  });
});
