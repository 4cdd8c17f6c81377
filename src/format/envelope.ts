/** Envelope: the plaintext of an envelope cell, 1204 bytes in a fixed layout (spec/sealing.md, Envelope plaintext). */
import { view } from '../core/bytes.js';
import { FormatError } from '../core/errors.js';
import { readU32, readU64, writeU32, writeU64 } from './place.js';
import { type Run, readRuns, runSize, writeRuns } from './runs.js';

export const envelopeTextSize = 1204;
/** More runs than these go into index blocks. */
export const maxDirectRuns = 16;
export const maxIndexDepth = 4;

const version = 1;
const runsAt = 128;
const textsAt = runsAt + maxDirectRuns * runSize;
const textsSize = envelopeTextSize - textsAt;
const utf8 = new TextEncoder();

/** How a recipient's address led to the key, in the order of their codes. */
export const waysReached = [
  'itself',
  'alias',
  'domain-catch-all',
  'system-catch-all',
  'sub-address',
  'mapper',
] as const;
/** A code that a newer program wrote reads as unknown. */
export type WayReached = (typeof waysReached)[number] | 'unknown';

/** Header fields for a listing, as they stood in the content, unfolded and cut to the sizes of `summaryLimits`. */
export interface Summary {
  readonly from: Uint8Array;
  readonly subject: Uint8Array;
  readonly date: Uint8Array;
  readonly messageId: Uint8Array;
}

/** Octets kept of each header field; with a recipient of 254 octets they fill the envelope. */
export const summaryLimits = { from: 128, subject: 255, date: 48, messageId: 128 } as const;

/** What one recipient key gets of one message. */
export interface Envelope {
  readonly reached: WayReached;
  readonly flags: number;
  /** 0: the runs name data blocks; n: they name index blocks of level n. */
  readonly depth: number;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly preludeLength: number;
  readonly contentLength: number;
  readonly trailerLength: number;
  readonly messageKey: Uint8Array;
  /** SHA-256 over the hashes H of the data blocks in order. */
  readonly leaves: Uint8Array;
  /** Fingerprint of the whole key set of the address. */
  readonly keySet: Uint8Array;
  readonly runs: readonly Run[];
  /** This recipient's own RCPT TO; of a notice, the address it is about. */
  readonly recipient: string;
  readonly summary: Summary;
}

/** The 1204 bytes. Throws RangeError if the texts do not fit: the caller has cut them. */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  if (envelope.runs.length > maxDirectRuns) throw new RangeError('runs of the envelope do not fit');
  const bytes = new Uint8Array(envelopeTextSize);
  bytes[0] = version;
  bytes[1] = envelope.reached === 'unknown' ? 255 : waysReached.indexOf(envelope.reached);
  bytes[2] = envelope.flags;
  bytes[3] = envelope.depth;
  writeU64(bytes, 4, envelope.receivedAt);
  writeU32(bytes, 12, envelope.preludeLength);
  writeU32(bytes, 16, envelope.trailerLength);
  writeU64(bytes, 20, envelope.contentLength);
  bytes.set(envelope.messageKey, 28);
  bytes.set(envelope.leaves, 60);
  bytes.set(envelope.keySet, 92);
  bytes[124] = envelope.runs.length >> 8;
  bytes[125] = envelope.runs.length;
  writeRuns(bytes, runsAt, envelope.runs);
  const textsLength = writeTexts(bytes, envelope) - textsAt;
  bytes[126] = textsLength >> 8;
  bytes[127] = textsLength;
  return bytes;
}

/**
 * Writes the texts in CBOR (RFC 8949) to the end of an envelope: an array of one text and byte strings, each length in as
 * few octets as it needs. Returns where they end.
 */
function writeTexts(bytes: Uint8Array, { recipient, summary }: Envelope): number {
  const { from, subject, date, messageId } = summary;
  bytes[textsAt] = (4 << 5) | 5;
  let at = writeText(bytes, textsAt + 1, 3, utf8.encode(recipient));
  at = writeText(bytes, at, 2, from);
  at = writeText(bytes, at, 2, subject);
  at = writeText(bytes, at, 2, date);
  return writeText(bytes, at, 2, messageId);
}

/** Writes a string of a major type at an offset, and returns where it ends. */
function writeText(bytes: Uint8Array, at: number, major: number, value: Uint8Array): number {
  const { length } = value;
  const begin = at + (length < 24 ? 1 : length < 256 ? 2 : 3);
  if (begin + length > bytes.length) throw new RangeError('texts of the envelope do not fit');
  if (length < 24) bytes[at] = (major << 5) | length;
  else if (length < 256) {
    bytes[at] = (major << 5) | 24;
    bytes[at + 1] = length;
  } else {
    bytes[at] = (major << 5) | 25;
    bytes[at + 1] = length >> 8;
    bytes[at + 2] = length;
  }
  bytes.set(value, begin);
  return begin + length;
}

/** Reads an opened envelope. Whoever sealed it held the channel's key; still nothing in it is trusted to be in bounds. */
export function decodeEnvelope(bytes: Uint8Array, place: string): Envelope {
  const fail = (fault: string) => new FormatError(place, fault);
  if (bytes.length !== envelopeTextSize) throw fail(`envelope of ${bytes.length} octets`);
  if (bytes[0] !== version)
    throw fail(`envelope version ${bytes[0]}; this program reads ${version}: use a newer obalka`);
  const reached = waysReached[bytes[1] as number] ?? 'unknown';
  const depth = bytes[3] as number;
  const runCount = ((bytes[124] as number) << 8) | (bytes[125] as number);
  const textsLength = ((bytes[126] as number) << 8) | (bytes[127] as number);
  const receivedAt = readU64(bytes, 4);
  const contentLength = readU64(bytes, 20);
  const runs = readRuns(bytes, runsAt, Math.min(runCount, maxDirectRuns));
  if (depth > maxIndexDepth)
    throw fail(`envelope nests index blocks ${depth} deep; the limit is ${maxIndexDepth}`);
  if (runCount === 0 || runs.length !== runCount) throw fail('envelope has no whole list of runs');
  if (!Number.isFinite(receivedAt) || !Number.isFinite(contentLength))
    throw fail('envelope has a number out of range');
  if (textsLength > textsSize) throw fail('envelope texts reach over its end');
  const texts = readTexts(bytes.subarray(textsAt, textsAt + textsLength));
  if (!texts) throw fail('envelope texts are not what they should be');
  const [recipient, from, subject, date, messageId] = texts;
  return {
    reached,
    flags: bytes[2] as number,
    depth,
    receivedAt,
    preludeLength: readU32(bytes, 12),
    trailerLength: readU32(bytes, 16),
    contentLength,
    messageKey: bytes.slice(28, 60),
    leaves: bytes.slice(60, 92),
    keySet: bytes.slice(92, 124),
    runs,
    recipient,
    summary: { from, subject, date, messageId },
  };
}

/**
 * A text that two opened envelopes share only if they have the same recipient, way and key set. It spares reading out a
 * hundred thousand that say the same.
 */
export function addressingOf(bytes: Uint8Array): string {
  const octets = view(bytes);
  const [array, head = 0, length = 0] = octets.subarray(textsAt, textsAt + 3);
  // The texts begin with an array of five and a text of up to 23, or up to 255, octets; what is written otherwise counts whole.
  const short = array === 0x85 && head >= 0x60 && head < 0x78;
  const long = array === 0x85 && head === 0x78;
  const end = short ? textsAt + 2 + head - 0x60 : long ? textsAt + 3 + length : envelopeTextSize;
  return `${bytes[1]} ${octets.toString('latin1', 92, 124)}${octets.toString('latin1', textsAt, end)}`;
}

/** Kept: a mailbox has a hundred thousand. */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

type Texts = [
  recipient: string,
  from: Uint8Array,
  subject: Uint8Array,
  date: Uint8Array,
  messageId: Uint8Array,
];

/**
 * Reads the texts: an array of one text and four byte strings, all of definite length, and nothing behind it. A library
 * would take more than the specification does, and two readers of one journal must agree on what is damaged.
 */
function readTexts(bytes: Uint8Array): Texts | undefined {
  let at = 0;
  const head = (major: number): number | undefined => {
    const first = bytes[at++];
    if (first === undefined || first >> 5 !== major) return undefined;
    const short = first & 31;
    if (short < 24) return short;
    const octets = { 24: 1, 25: 2, 26: 4, 27: 8 }[short];
    if (octets === undefined || at + octets > bytes.length) return undefined;
    let value = 0;
    for (let index = 0; index < octets; index++) value = value * 256 + (bytes[at++] as number);
    return value;
  };
  const string = (major: number): Uint8Array | undefined => {
    const length = head(major);
    if (length === undefined || at + length > bytes.length) return undefined;
    at += length;
    return bytes.slice(at - length, at);
  };
  if (head(4) !== 5) return undefined;
  const [recipient, from, subject, date, messageId] = [string(3), string(2), string(2), string(2), string(2)];
  if (!recipient || !from || !subject || !date || !messageId || at !== bytes.length) return undefined;
  try {
    return [strictUtf8.decode(recipient), from, subject, date, messageId];
  } catch {
    return undefined;
  }
}
