/** Heads: every octet counts, and a journal of another version is refused in plain words. */
import fc from 'fast-check';
import { hex } from '../../src/core/bytes.js';
import { FormatError } from '../../src/core/errors.js';
import { sha256 } from '../../src/core/sha256.js';
import {
  decodeJournalHead,
  decodeLaneHead,
  decodeSegmentHead,
  encodeJournalHead,
  encodeLaneHead,
  encodeSegmentHead,
  headSize,
  type SegmentHead,
  smallHeadSize,
} from '../../src/format/head.js';
import { streams } from '../../src/format/place.js';
import { octets, places, somePlace } from '../support/format-values.js';
import { assert, suite } from '../support/suite.js';

const counts = fc.nat(2 ** 32 - 1);
const extents = fc.record({ claim: counts, end: counts });
const heads: fc.Arbitrary<SegmentHead> = fc
  .tuple(
    places,
    fc.constantFrom(...streams),
    fc.tuple(fc.integer({ min: 2000, max: 9999 }), fc.integer({ min: 1, max: 53 })),
    fc.option(
      fc.record({
        segment: counts,
        id: octets(16),
        extents: fc.record({ channels: extents, envelopes: extents, blocks: extents }),
      }),
      { nil: undefined },
    ),
  )
  .map(([place, stream, [year, week], previous]) => ({
    ...place,
    stream,
    week: `${year}-W${String(week).padStart(2, '0')}`,
    previous,
  }));

const some: SegmentHead = {
  ...somePlace,
  stream: 'envelopes',
  week: '2026-W47',
  previous: {
    segment: 2,
    id: somePlace.lane,
    extents: {
      channels: { claim: 8, end: 8 },
      envelopes: { claim: 40, end: 44 },
      blocks: { claim: 7, end: 9 },
    },
  },
};

/** A head whose text was changed and whose check was mended: what somebody could write on purpose. */
function rewritten(bytes: Uint8Array, from: string | RegExp, to: string): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const changed = text.slice(0, text.length - 71).replace(from, to);
  assert.is.not(changed, text.slice(0, text.length - 71));
  const same = Buffer.from(changed.padEnd(text.length - 71).slice(0, text.length - 71), 'latin1');
  return Buffer.concat([same, Buffer.from(`check ${hex(sha256(same))}\n`)]);
}

function refused(decode: () => unknown, says: RegExp): void {
  assert.throws(decode, (error: unknown) => {
    assert.ok(error instanceof FormatError, String(error));
    assert.match(error.message, says);
    return error.message.startsWith('the place: ');
  });
}

suite('heads', (test) => {
  test('a segment head does not come back as it was', () => {
    fc.assert(
      fc.property(heads, (head) => {
        const bytes = encodeSegmentHead(head);
        assert.is(bytes.length, headSize);
        const read = decodeSegmentHead(bytes, 'the place');
        assert.is(sorted(plain(read)), sorted(plain(head)));
      }),
      { seed: 1 },
    );
  });

  test('a head cannot be read by people', () => {
    const text = Buffer.from(encodeSegmentHead(some)).toString('latin1');
    assert.match(
      text,
      /^obalka segment 1\njournal [0-9a-f]{32}\nlane [0-9a-f]{32}\nsegment 3\nid [0-9a-f]{32}\n/,
    );
    assert.match(
      text,
      /\nstream envelopes\ncell 1280\nweek 2026-W47\nprevious 2 [0-9a-f]{32} channels 8 8 envelopes 40 44 blocks 7 9\n *\ncheck [0-9a-f]{64}\n$/,
    );
    assert.match(text, /^[\n -~]*$/);
  });

  test('a flipped octet of a head goes unseen', () => {
    const kinds: readonly [string, Uint8Array, (bytes: Uint8Array) => unknown][] = [
      ['segment', encodeSegmentHead(some), (bytes) => decodeSegmentHead(bytes, 'the place')],
      [
        'lane',
        encodeLaneHead({ ...somePlace, signer: new Uint8Array(32).fill(7) }),
        (bytes) => decodeLaneHead(bytes, 'the place'),
      ],
      ['journal', encodeJournalHead(somePlace.journal), (bytes) => decodeJournalHead(bytes, 'the place')],
    ];
    for (const [kind, bytes, decode] of kinds) {
      decode(bytes);
      for (let at = 0; at < bytes.length; at++) {
        const changed = bytes.slice();
        changed[at] = (changed[at] as number) ^ (1 << (at % 8));
        assert.throws(
          () => decode(changed),
          (error: unknown) => error instanceof FormatError,
          `${kind}, octet ${at}`,
        );
      }
    }
  });

  test('a head that was cut or grew is read', () => {
    const bytes = encodeJournalHead(somePlace.journal);
    assert.is(bytes.length, smallHeadSize);
    for (const length of [0, 1, 17, 70, 71, 72, 511])
      refused(() => decodeJournalHead(bytes.subarray(0, length), 'the place'), /head/);
    refused(() => decodeJournalHead(Buffer.concat([bytes, Buffer.from(' ')]), 'the place'), /513 octets/);
  });

  test('a journal of another version is called damaged, or is read', () => {
    const newer = rewritten(encodeJournalHead(somePlace.journal), 'obalka journal 1\n', 'obalka journal 2\n');
    refused(
      () => decodeJournalHead(newer, 'the place'),
      /^the place: journal format version 2; this program reads version 1: use a newer obalka$/,
    );
    // Whether or not the rest is as this version would have it.
    refused(
      () => decodeSegmentHead(Buffer.from('obalka segment 17\nsomething else'), 'the place'),
      /version 17/,
    );
  });

  test('one kind of head is taken for another', () => {
    refused(
      () => decodeLaneHead(encodeJournalHead(somePlace.journal), 'the place'),
      /not the head of an obalka lane/,
    );
    refused(
      () => decodeJournalHead(Buffer.from('SQLite format 3\0'), 'the place'),
      /not the head of an obalka journal/,
    );
  });

  test('a head with a good check and a bad line is read', () => {
    const bytes = encodeSegmentHead(some);
    const bad: readonly (readonly [string | RegExp, string, RegExp])[] = [
      ['stream envelopes', 'stream letters  ', /names no stream/],
      ['cell 1280', 'cell 4096', /foreign cell size/],
      ['week 2026-W47', 'week 20261121', /names no week/],
      ['segment 3\n', 'segment x\n', /no number in line "segment"/],
      [/\nid [0-9a-f]/, '\nid G', /no id in line "id"/],
      ['previous 2', 'previous q', /how the previous segment was left/],
      [/lane [0-9a-f]{32}\n/, '', /no line "lane"/],
    ];
    for (const [from, to, says] of bad)
      refused(() => decodeSegmentHead(rewritten(bytes, from, to), 'the place'), says);
  });

  test('a line that a later program adds makes a head unreadable', () => {
    const later = rewritten(encodeSegmentHead(some), 'week 2026-W47\n', 'week 2026-W47\nlight blue\n');
    assert.is(decodeSegmentHead(later, 'the place').week, '2026-W47');
  });
});

function plain(head: SegmentHead): unknown {
  const { previous } = head;
  return {
    ...head,
    journal: hex(head.journal),
    lane: hex(head.lane),
    id: hex(head.id),
    previous: previous && { segment: previous.segment, id: hex(previous.id), extents: previous.extents },
  };
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
