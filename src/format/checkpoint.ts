/** Checkpoint: a signed note that says how many cells each stream of a segment has, and which (spec/checkpoints.md). */
import { ascii, concat, hex, view } from '../core/bytes.js';
import { FormatError, NewerVersion } from '../core/errors.js';
import { sha256 } from '../core/sha256.js';
import { type SegmentPlace, type Stream, streams } from './place.js';

/** A file of more octets than this is no checkpoint. */
export const maxCheckpointSize = 65_536;

/** The first cells of a stream, and the root of the tree over them. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

export interface Checkpoint extends SegmentPlace {
  readonly trees: Readonly<Record<Stream, TreeHead>>;
  /** The segment before it in the lane, and SHA-256 of that segment's file `checkpoint`; undefined for `none`. */
  readonly previous: { readonly segment: number; readonly hash: Uint8Array } | undefined;
}

/** A checkpoint as its file says it. Nothing is known yet of whether the signature holds. */
export interface SignedCheckpoint extends Checkpoint {
  /** The octets that are signed. */
  readonly text: Uint8Array;
  /** Four octets that tell by which key. */
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

const keyIdSize = 4;
const signatureSize = 64;
/** An em dash in UTF-8, as latin1 shows it, and a space. */
const dash = '\xe2\x80\x94 ';

/** The text that is signed: nine lines, each with its line feed. */
export function encodeCheckpointText(checkpoint: Checkpoint): Uint8Array {
  const { trees, previous } = checkpoint;
  const lines = [
    'obalka checkpoint 1',
    `journal ${hex(checkpoint.journal)}`,
    `lane ${hex(checkpoint.lane)}`,
    `segment ${checkpoint.segment}`,
    `id ${hex(checkpoint.id)}`,
    ...streams.map((stream) => `${stream} ${trees[stream].size} ${hex(trees[stream].root)}`),
    `previous ${previous ? `${previous.segment} ${hex(previous.hash)}` : 'none'}`,
  ];
  return ascii(`${lines.join('\n')}\n`);
}

/** The file: the text, an empty line, and one signature of the text (64 octets) under the lane's signer (32 octets). */
export function encodeCheckpoint(
  checkpoint: Checkpoint,
  signer: Uint8Array,
  signature: Uint8Array,
): Uint8Array {
  if (signature.length !== signatureSize) throw new RangeError('a signature has 64 octets');
  const signed = view(concat(keyIdOf(checkpoint.lane, signer), signature)).toString('base64');
  return concat(
    encodeCheckpointText(checkpoint),
    ascii(`\n${dash}${keyNameOf(checkpoint.lane)} ${signed}\n`),
  );
}

/** Four octets that name a key in a signed note: SHA-256(key name | 0x0a | 0x01 | public key). */
export function keyIdOf(lane: Uint8Array, signer: Uint8Array): Uint8Array {
  const named = concat(ascii(`${keyNameOf(lane)}\n`), Uint8Array.of(1), signer);
  return new Uint8Array(sha256(named).subarray(0, keyIdSize));
}

/** How a successor names this checkpoint: SHA-256 of all octets of its file. */
export function checkpointHash(file: Uint8Array): Uint8Array {
  return sha256(file);
}

function keyNameOf(lane: Uint8Array): string {
  return `lane-${hex(lane)}`;
}

const number = '(0|[1-9]\\d{0,15})';
const id = '([0-9a-f]{32})';
const digest = '([0-9a-f]{64})';
const form = new RegExp(
  [
    '^obalka checkpoint 1\n',
    `journal ${id}\nlane ${id}\nsegment ${number}\nid ${id}\n`,
    ...streams.map((stream) => `${stream} ${number} ${digest}\n`),
    `previous (?:none|${number} ${digest})\n$`,
  ].join(''),
);
/** The last line of the note, and lines of signatures by others. */
const signatures = new RegExp(`^${dash}lane-${id} ([A-Za-z0-9+/]{91}=)\n(?:${dash}[^ \n]+ [^ \n]+\n)*$`);

/** Reads a file `checkpoint`; whether its signature holds is not asked. Throws FormatError that begins with `place`. */
export function decodeCheckpoint(bytes: Uint8Array, place: string): SignedCheckpoint {
  if (bytes.length > maxCheckpointSize) throw new FormatError(place, 'checkpoint is too long');
  const file = view(bytes).toString('latin1');
  const version = /^obalka checkpoint (\d{1,9})\n/.exec(file)?.[1];
  if (version === undefined) throw new FormatError(place, 'this is not a checkpoint');
  if (version !== '1')
    throw new NewerVersion(
      place,
      `checkpoint version ${version}; this program reads version 1: use a newer obalka`,
    );
  const end = file.indexOf('\n\n') + 1;
  const found = form.exec(file.slice(0, end));
  const signed = signatures.exec(file.slice(end + 1));
  if (!found || !signed) throw new FormatError(place, 'checkpoint does not have its form');
  const [, journal, lane, segment, segmentId, ...rest] = [...found] as string[];
  const [, signer, base64] = [...signed] as string[];
  const key = Buffer.from(base64 as string, 'base64');
  if (signer !== lane) throw new FormatError(place, 'checkpoint is signed by the key of another lane');
  // Only one way of writing the last letter.
  if (key.toString('base64') !== base64) throw new FormatError(place, 'checkpoint does not have its form');
  const count = (text: string | undefined) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value)) throw new FormatError(place, 'checkpoint has a number beyond 2^53');
    return value;
  };
  const tree = (at: number) => ({ size: count(rest[at]), root: octets(rest[at + 1]) });
  return {
    journal: octets(journal),
    lane: octets(lane),
    segment: count(segment),
    id: octets(segmentId),
    trees: { channels: tree(0), envelopes: tree(2), blocks: tree(4) },
    previous: rest[6] === undefined ? undefined : { segment: count(rest[6]), hash: octets(rest[7]) },
    text: bytes.slice(0, end),
    keyId: new Uint8Array(key.subarray(0, keyIdSize)),
    signature: new Uint8Array(key.subarray(keyIdSize)),
  };
}

function octets(digits: string | undefined): Uint8Array {
  return new Uint8Array(Buffer.from(digits as string, 'hex'));
}
