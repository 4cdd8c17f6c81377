/** Envelope plaintext: what was put in comes out, whatever its length shows nothing, and nonsense is refused. */
import fc from 'fast-check';
import { FormatError } from '../../src/core/errors.js';
import { encodeCbor } from '../../src/format/cbor.js';
import {
  addressingOf,
  decodeEnvelope,
  type Envelope,
  encodeEnvelope,
  envelopeTextSize,
  summaryLimits,
} from '../../src/format/envelope.js';
import { decodePrelude, encodePrelude, encodeTrailer } from '../../src/format/prelude.js';
import { bytesFrom } from '../support/chance.js';
import { envelopes } from '../support/format-values.js';
import { assert, suite } from '../support/suite.js';

const none = new Uint8Array(0);
const some: Envelope = {
  reached: 'alias',
  flags: 1,
  depth: 0,
  receivedAt: Date.UTC(2026, 10, 21),
  preludeLength: 60,
  contentLength: 5000,
  trailerLength: 0,
  messageKey: bytesFrom('message key', 32),
  leaves: bytesFrom('leaves', 32),
  keySet: bytesFrom('key set', 32),
  runs: [{ segment: 3, first: 8, count: 1 }],
  recipient: 'alice@example.org',
  summary: {
    from: Buffer.from('Bob <bob@example.org>'),
    subject: Buffer.from('Hello'),
    date: none,
    messageId: none,
  },
};

/** Byte strings as arrays of numbers, so that a Buffer equals a Uint8Array. */
function plain(envelope: Envelope): string {
  const keys = Object.keys(envelope).sort();
  return JSON.stringify(
    keys.map((key) => [key, Reflect.get(envelope, key)]),
    (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value),
  ).replace(/\{"type":"Buffer","data":\[([\d,]*)\]\}/g, (_, data: string) =>
    JSON.stringify(Buffer.from(data.split(',').filter(Boolean).map(Number)).toString('hex')),
  );
}

suite('envelope plaintext', (test) => {
  test('two addresses, ways or key sets are taken for one', () => {
    const of = (envelope: Envelope) => addressingOf(encodeEnvelope(envelope));
    const recipients = fc.oneof(fc.string({ maxLength: 30 }), fc.string({ minLength: 80, maxLength: 84 }));
    fc.assert(
      fc.property(envelopes, envelopes, recipients, recipients, (one, other, first, second) => {
        const made = { ...one, recipient: first };
        assert.is(of(made), of({ ...other, reached: one.reached, keySet: one.keySet, recipient: first }));
        if (first !== second) assert.is.not(of(made), of({ ...made, recipient: second }));
        const keySet = one.keySet.map((octet, at) => (at === one.depth ? octet ^ 1 : octet));
        assert.is.not(of(made), of({ ...made, keySet }));
        if (one.reached !== other.reached) assert.is.not(of(made), of({ ...made, reached: other.reached }));
      }),
      { seed: 5, numRuns: 300 },
    );
    // Heads need not be the shortest: then the whole texts count.
    const bytes = encodeEnvelope(some);
    bytes[320] = 0x98;
    assert.is.not(addressingOf(bytes), of(some));
  });

  test('an envelope does not come back as it was, or has another length', () => {
    fc.assert(
      fc.property(envelopes, (envelope) => {
        const bytes = encodeEnvelope(envelope);
        assert.is(bytes.length, envelopeTextSize);
        assert.is(plain(decodeEnvelope(bytes, 'the place')), plain(envelope));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('the longest recipient and summary do not fit', () => {
    const filled = (length: number) => new Uint8Array(length).fill(0xff);
    const { from, subject, date, messageId } = summaryLimits;
    const summary = {
      from: filled(from),
      subject: filled(subject),
      date: filled(date),
      messageId: filled(messageId),
    };
    const runs = Array.from({ length: 16 }, (_, index) => ({
      segment: 2 ** 32 - 1,
      first: 2 * index,
      count: 1,
    }));
    const bytes = encodeEnvelope({ ...some, recipient: 'r'.repeat(254), summary, runs });
    assert.is(decodeEnvelope(bytes, 'the place').recipient.length, 254);
    assert.throws(() => encodeEnvelope({ ...some, recipient: 'r'.repeat(320), summary, runs }), RangeError);
    assert.throws(() => encodeEnvelope({ ...some, runs: [...runs, ...runs] }), RangeError);
  });

  test('an opened envelope with nonsense in it is believed', () => {
    const bad: readonly (readonly [number, number, RegExp])[] = [
      [0, 2, /envelope version 2; this program reads 1: use a newer obalka/],
      [3, 5, /5 deep; the limit is 4/],
      [124, 1, /no whole list of runs/],
      [125, 0, /no whole list of runs/],
      [125, 2, /no whole list of runs/],
      [126, 4, /texts reach over its end/],
      [127, 3, /texts are not what they should be/],
      [4, 0x20, /number out of range/],
      [20, 0xff, /number out of range/],
      [320, 0x01, /texts are not what they should be/],
    ];
    for (const [at, value, says] of bad) {
      const bytes = encodeEnvelope(some);
      bytes[at] = value;
      assert.throws(
        () => decodeEnvelope(bytes, 'the place'),
        (error: unknown) =>
          error instanceof FormatError && error.place === 'the place' && says.test(error.message),
        `octet ${at}`,
      );
    }
    assert.throws(() => decodeEnvelope(encodeEnvelope(some).subarray(1), 'the place'), /1203 octets/);
  });

  test('random bytes make a decoder throw something else than a format error', () => {
    fc.assert(
      fc.property(
        fc.nat(envelopeTextSize - 20),
        fc.uint8Array({ minLength: 20, maxLength: 20 }),
        (at, noise) => {
          const bytes = encodeEnvelope(some);
          bytes.set(noise, at);
          try {
            decodeEnvelope(bytes, 'the place');
          } catch (error) {
            assert.instance(error, FormatError);
          }
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });

  test('what was decoded changes with the buffer it came from', () => {
    const bytes = encodeEnvelope(some);
    const { messageKey } = decodeEnvelope(bytes, 'the place');
    bytes.fill(0);
    assert.equal(messageKey, some.messageKey);
  });
});

suite('prelude', (test) => {
  const prelude = { from: 'bob@example.org', helo: 'client', client: '192.0.2.7', protocol: 'smtp', tls: '' };

  test('a prelude does not come back as it was', () => {
    assert.equal(decodePrelude(encodePrelude(prelude)), prelude);
  });

  test('a prelude of a later program, or of nobody, cannot be read', () => {
    const empty = { from: '', helo: '', client: '', protocol: '', tls: '' };
    assert.equal(decodePrelude(encodeCbor({ ...prelude, weather: 'fine' })), prelude);
    assert.equal(decodePrelude(encodeCbor({ from: 7, helo: ['x'] })), empty);
    for (const bytes of [none, Uint8Array.of(0x61), encodeCbor(7), encodeCbor(null), encodeCbor('text')])
      assert.is(decodePrelude(bytes), undefined);
  });

  test('an empty trailer takes room', () => {
    assert.is(encodeTrailer({}).length, 0);
    assert.ok(encodeTrailer({ spf: 'pass' }).length > 0);
  });
});
