/** Erasure: an order to erase one envelope, the form that the cell gets, and the list of what is being erased. */
import { ascii, equal, hex } from '../core/bytes.js';
import { NewerVersion } from '../core/errors.js';
import { sha256 } from '../core/sha256.js';
import { closeFrame, hashSize, makeFrame, tagSize } from './cell.js';
import { idSize, type SegmentPlace } from './place.js';

/** Which envelope, and the proof that its owner wants it: whose SHA-256 is the tag that stands there. */
export interface ErasureOrder {
  /** The lane's id. */
  readonly lane: Uint8Array;
  readonly segment: number;
  readonly envelope: number;
  /** The secret of the envelope's step (spec/sealing.md, Chain), 32 bytes. */
  readonly secret: Uint8Array;
}

/** An order that was checked, with H of the cell as it was. */
export interface Erasure extends ErasureOrder {
  readonly hash: Uint8Array;
}

/** The whole erased cell (spec/journal.md, Erased envelopes). */
export function erasedCell({ secret, hash, envelope }: Erasure, at: SegmentPlace): Uint8Array {
  const frame = makeFrame('envelopes');
  frame.body.set(sha256(secret), 0);
  frame.body.set(secret, tagSize);
  frame.body.set(hash, tagSize + secret.length);
  closeFrame(frame, at, 'envelopes', envelope);
  return frame.cell;
}

const firstLine = 'obalka erasing 1\n';

/** The file `erasing` (spec/journal.md, Erasing): one line for each erasure, and the check. */
export function encodeErasing(erasures: readonly Erasure[]): Uint8Array {
  const lines = erasures.map(
    ({ lane, segment, envelope, secret, hash }) =>
      `${hex(lane)} ${segment} ${envelope} ${hex(secret)} ${hex(hash)}\n`,
  );
  const text = `${firstLine}${lines.join('')}`;
  return ascii(`${text}check ${hex(sha256(ascii(text)))}\n`);
}

/** Undefined if it is none, or damaged. Throws NewerVersion. */
export function decodeErasing(bytes: Uint8Array): Erasure[] | undefined {
  const text = Buffer.from(bytes).toString('latin1');
  const version = /^obalka erasing (\d{1,9})\n/.exec(text)?.[1];
  if (version !== undefined && version !== '1')
    throw new NewerVersion(
      'erasing',
      `a list of version ${version}; this program reads version 1: use a newer obalka`,
    );
  const end = text.lastIndexOf('check ');
  if (!text.startsWith(firstLine) || end < 0) return undefined;
  if (text.slice(end) !== `check ${hex(sha256(ascii(text.slice(0, end))))}\n`) return undefined;
  const lines = text.slice(firstLine.length, end).split('\n').slice(0, -1);
  const erasures = lines.map((line) => {
    const [, lane, segment, envelope, secret, hash] =
      /^([0-9a-f]{32}) (\d{1,10}) (\d{1,10}) ([0-9a-f]{64}) ([0-9a-f]{64})$/.exec(line) ?? [];
    if (lane === undefined) return undefined;
    const bytes = (text: string | undefined) => new Uint8Array(Buffer.from(text ?? '', 'hex'));
    return {
      lane: bytes(lane),
      segment: Number(segment),
      envelope: Number(envelope),
      secret: bytes(secret),
      hash: bytes(hash),
    };
  });
  const all = erasures.filter((erasure) => erasure !== undefined);
  return all.length === lines.length ? all : undefined;
}

/** Whether an order can be one at all: it may have come from outside. */
export function isOrder({ lane, segment, envelope, secret }: ErasureOrder): boolean {
  const isNumber = (value: number) => Number.isInteger(value) && value >= 0 && value < 2 ** 32 - 1;
  return lane.length === idSize && secret.length === hashSize && isNumber(segment) && isNumber(envelope);
}

/** Whether two orders are for one envelope. */
export function isSame(one: ErasureOrder, other: ErasureOrder): boolean {
  return one.segment === other.segment && one.envelope === other.envelope && equal(one.lane, other.lane);
}
