/** Heads: the readable ASCII beginnings of the files of a journal. */
import { ascii, fromHex, hex } from '../core/bytes.js';
import { FormatError, NewerVersion } from '../core/errors.js';
import { sha256 } from '../core/sha256.js';
import { cellSizes } from './cell.js';
import { idSize, type SegmentPlace, type Stream, streams } from './place.js';

/** Version of the journal format that this program writes, and the newest it reads. */
export const formatVersion = 1;

/** Octets of the head of a stream file. Cell n stands at headSize + n × cell size. */
export const headSize = 4096;

/** What a stream holds: cells known to be on disk (the claim), and cells there are at all. */
export interface Extent {
  readonly claim: number;
  readonly end: number;
}

/** How the segment before this one was left. */
export interface PreviousSegment {
  readonly segment: number;
  readonly id: Uint8Array;
  readonly extents: Readonly<Record<Stream, Extent>>;
}

/** The head of a stream file (spec/journal.md, Segment heads). */
export interface SegmentHead extends SegmentPlace {
  readonly stream: Stream;
  /** ISO 8601 week in which the segment was begun: "2026-W47". */
  readonly week: string;
  readonly previous: PreviousSegment | undefined;
}

/** The 4096 bytes of a segment head. */
export function encodeSegmentHead(head: SegmentHead): Uint8Array {
  const { previous } = head;
  return encodeHead('segment', headSize, {
    journal: hex(head.journal),
    lane: hex(head.lane),
    segment: String(head.segment),
    id: hex(head.id),
    stream: head.stream,
    cell: String(cellSizes[head.stream]),
    week: head.week,
    previous: previous
      ? [
          previous.segment,
          hex(previous.id),
          ...streams.flatMap((stream) => [
            stream,
            previous.extents[stream].claim,
            previous.extents[stream].end,
          ]),
        ].join(' ')
      : 'none',
  });
}

/** Reads a segment head. Throws FormatError that begins with `place`. */
export function decodeSegmentHead(bytes: Uint8Array, place: string): SegmentHead {
  const fields = decodeHead('segment', bytes, place, headSize);
  const stream = fields.word('stream') as Stream;
  if (!streams.includes(stream)) throw new FormatError(place, `head names no stream: ${stream}`);
  if (fields.number('cell') !== cellSizes[stream])
    throw new FormatError(place, 'head names a foreign cell size');
  const week = fields.word('week');
  if (!/^\d{4}-W\d{2}$/.test(week)) throw new FormatError(place, 'head names no week');
  return {
    journal: fields.id('journal'),
    lane: fields.id('lane'),
    segment: fields.number('segment'),
    id: fields.id('id'),
    stream,
    week,
    previous: decodePrevious(fields.word('previous'), place),
  };
}

function decodePrevious(text: string, place: string): PreviousSegment | undefined {
  if (text === 'none') return undefined;
  const match =
    /^(\d{1,10}) ([0-9a-f]{32}) channels (\d{1,10}) (\d{1,10}) envelopes (\d{1,10}) (\d{1,10}) blocks (\d{1,10}) (\d{1,10})$/.exec(
      text,
    );
  if (!match) throw new FormatError(place, 'head does not say how the previous segment was left');
  const number = (index: number) => Number(match[index]);
  return {
    segment: number(1),
    id: fromHex(match[2] as string, idSize) as Uint8Array,
    extents: {
      channels: { claim: number(3), end: number(4) },
      envelopes: { claim: number(5), end: number(6) },
      blocks: { claim: number(7), end: number(8) },
    },
  };
}

/** The file `journal`: its id. */
export function encodeJournalHead(id: Uint8Array): Uint8Array {
  return encodeHead('journal', smallHeadSize, { journal: hex(id) });
}

/** Reads the file `journal`; returns the 16-byte id. Throws FormatError. */
export function decodeJournalHead(bytes: Uint8Array, place: string): Uint8Array {
  return decodeHead('journal', bytes, place, smallHeadSize).id('journal');
}

/** Why a lane was begun where another one ended (spec/journal.md, Lineage). */
export type LaneCause = 'restore' | 'copy' | 'lost-segments' | 'lost-key';
export const laneCauses: readonly LaneCause[] = ['restore', 'copy', 'lost-segments', 'lost-key'];

/** The lane that another one took over from. */
export interface Lineage {
  readonly lane: Uint8Array;
  readonly cause: LaneCause;
  /** The newest checkpoint of that lane, as it was found; undefined if there was none. */
  readonly checkpoint: { readonly segment: number; readonly hash: Uint8Array } | undefined;
}

/** The file `lane` in a lane's folder. */
export interface LaneHead {
  readonly journal: Uint8Array;
  readonly lane: Uint8Array;
  /** The Ed25519 public key that the lane's checkpoints are signed under: 32 octets. */
  readonly signer: Uint8Array;
  readonly continues?: Lineage | undefined;
}

/** The 512 bytes of a lane's head. */
export function encodeLaneHead({ journal, lane, signer, continues }: LaneHead): Uint8Array {
  return encodeHead('lane', smallHeadSize, {
    journal: hex(journal),
    lane: hex(lane),
    signer: hex(signer),
    ...(continues && { continues: encodeLineage(continues) }),
  });
}

function encodeLineage({ lane, cause, checkpoint }: Lineage): string {
  return `${hex(lane)} ${cause} ${checkpoint ? `${checkpoint.segment} ${hex(checkpoint.hash)}` : 'none'}`;
}

function decodeLineage(text: string, place: string): Lineage {
  const [, lane, cause, checkpoint, segment, hash] =
    /^([0-9a-f]{32}) ([a-z-]+) (none|(\d{1,10}) ([0-9a-f]{64}))$/.exec(text) ?? [];
  if (lane === undefined || !laneCauses.includes(cause as LaneCause))
    throw new FormatError(place, 'head does not say which lane it took over from');
  return {
    lane: fromHex(lane, idSize) as Uint8Array,
    cause: cause as LaneCause,
    checkpoint:
      checkpoint === 'none'
        ? undefined
        : { segment: Number(segment), hash: fromHex(hash as string, 32) as Uint8Array },
  };
}

/** Reads the file `lane`. Throws FormatError. */
export function decodeLaneHead(bytes: Uint8Array, place: string): LaneHead {
  const fields = decodeHead('lane', bytes, place, smallHeadSize);
  const head = { journal: fields.id('journal'), lane: fields.id('lane') };
  const signer = fromHex(fields.word('signer'), signerSize);
  if (!signer) throw new FormatError(place, 'head has no public key in line "signer"');
  const line = fields.optional('continues');
  return { ...head, signer, continues: line === undefined ? undefined : decodeLineage(line, place) };
}

const signerSize = 32;

/** Octets of the files `journal` and `lane`. */
export const smallHeadSize = 512;

const checkLine = 'check '.length + 64 + 1;

/** "obalka KIND 1", "key value" lines, spaces, and a last line "check " with SHA-256 of all before it. */
function encodeHead(kind: string, size: number, fields: Record<string, string>): Uint8Array {
  const lines = [
    `obalka ${kind} ${formatVersion}`,
    ...Object.entries(fields).map(([key, value]) => `${key} ${value}`),
  ];
  const text = `${lines.join('\n')}\n`.padEnd(size - checkLine - 1, ' ');
  const checked = ascii(`${text}\n`);
  return ascii(`${text}\ncheck ${hex(sha256(checked))}\n`);
}

/** Lines that are not known are skipped: whatever changes the meaning of the rest raises the version. */
function decodeHead(kind: string, bytes: Uint8Array, place: string, size: number) {
  const text = Buffer.from(bytes).toString('latin1');
  const version = /^obalka ([a-z]+) (\d{1,9})\n/.exec(text);
  if (version?.[1] !== kind) throw new FormatError(place, `this is not the head of an obalka ${kind}`);
  if (version[2] !== String(formatVersion))
    throw new NewerVersion(
      place,
      `journal format version ${version[2]}; this program reads version ${formatVersion}: use a newer obalka`,
    );
  if (bytes.length !== size)
    throw new FormatError(place, `head has ${bytes.length} octets in place of ${size}`);
  const checked = size - checkLine;
  const check = `check ${hex(sha256(bytes.subarray(0, checked)))}\n`;
  if (text.slice(checked) !== check) throw new FormatError(place, 'head does not match its check');
  const fields = new Map(
    text
      .slice(0, checked)
      .split('\n')
      .slice(1)
      .filter((line) => line.includes(' '))
      .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
  );
  const word = (key: string): string => {
    const value = fields.get(key);
    if (value === undefined) throw new FormatError(place, `head has no line "${key}"`);
    return value;
  };
  return {
    word,
    optional: (key: string): string | undefined => fields.get(key),
    number: (key: string): number => {
      const value = word(key);
      if (!/^\d{1,10}$/.test(value)) throw new FormatError(place, `head has no number in line "${key}"`);
      return Number(value);
    },
    id: (key: string): Uint8Array => {
      const value = fromHex(word(key), idSize);
      if (!value) throw new FormatError(place, `head has no id in line "${key}"`);
      return value;
    },
  };
}
