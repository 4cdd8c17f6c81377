/** Values of the format for tests, made by fast-check. */
import fc from 'fast-check';
import { type Envelope, maxDirectRuns, summaryLimits, waysReached } from '../../src/format/envelope.js';
import type { SegmentPlace } from '../../src/format/place.js';
import type { Run } from '../../src/format/runs.js';
import { bytesFrom } from './chance.js';

/** A place for tests that only need one. */
export const somePlace: SegmentPlace = {
  journal: bytesFrom('journal', 16),
  lane: bytesFrom('lane', 16),
  segment: 3,
  id: bytesFrom('segment', 16),
};

export const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
export const u32 = fc.nat(2 ** 32 - 1);

export const places: fc.Arbitrary<SegmentPlace> = fc.record({
  journal: octets(16),
  lane: octets(16),
  segment: u32,
  id: octets(16),
});

export const runs: fc.Arbitrary<Run> = fc.record(
  { segment: u32, first: u32, count: fc.integer({ min: 1, max: 2 ** 32 - 1 }) },
  { noNullPrototype: true },
);

export const envelopes: fc.Arbitrary<Envelope> = fc.record({
  reached: fc.constantFrom(...waysReached),
  flags: fc.nat(255),
  depth: fc.nat(4),
  receivedAt: fc.nat(Number.MAX_SAFE_INTEGER),
  preludeLength: u32,
  contentLength: fc.nat(Number.MAX_SAFE_INTEGER),
  trailerLength: u32,
  messageKey: octets(32),
  leaves: octets(32),
  keySet: octets(32),
  runs: fc.array(runs, { minLength: 1, maxLength: maxDirectRuns }),
  recipient: fc.string({ unit: 'grapheme-ascii', maxLength: 254 }),
  summary: fc.record({
    from: fc.uint8Array({ maxLength: summaryLimits.from }),
    subject: fc.uint8Array({ maxLength: summaryLimits.subject }),
    date: fc.uint8Array({ maxLength: summaryLimits.date }),
    messageId: fc.uint8Array({ maxLength: summaryLimits.messageId }),
  }),
});
