/** Checkpoints as a reader takes them: good ones alone, and each held against the one before it. */
import { equal } from '../core/bytes.js';
import { FormatError } from '../core/errors.js';
import { checkpointHash, decodeCheckpoint, keyIdOf, type SignedCheckpoint } from '../format/checkpoint.js';
import { describeSegment } from '../format/place.js';
import { isSignedBy } from '../seal/signing.js';

/** Which segment a checkpoint should be of; the id is not known of a dropped one. */
interface Place {
  readonly journal: Uint8Array;
  readonly lane: Uint8Array;
  readonly segment: number;
  readonly id: Uint8Array | undefined;
}

/**
 * A checkpoint that has its form, names its segment, and is signed by the lane (spec/checkpoints.md, Reading a
 * checkpoint). Throws FormatError.
 */
export function goodCheckpoint(file: Uint8Array, at: Place, signer: Uint8Array): SignedCheckpoint {
  const place = placeOf(at);
  const checkpoint = decodeCheckpoint(file, place);
  const isOfSegment =
    equal(checkpoint.journal, at.journal) &&
    equal(checkpoint.lane, at.lane) &&
    checkpoint.segment === at.segment &&
    (!at.id || equal(checkpoint.id, at.id));
  if (!isOfSegment) throw new FormatError(place, 'checkpoint is of another segment');
  const isSigned =
    equal(checkpoint.keyId, keyIdOf(at.lane, signer)) &&
    isSignedBy(signer, checkpoint.text, checkpoint.signature);
  if (!isSigned) throw new FormatError(place, 'the signature of the checkpoint does not hold');
  return checkpoint;
}

/** What stands in a lane before a segment with a checkpoint. */
export interface Before {
  readonly segment: number;
  /** Its file `checkpoint` as it is. */
  readonly file: Uint8Array | undefined;
}

/**
 * Whether what a checkpoint says of the segment before it is so: a fault of that segment if not (spec/checkpoints.md,
 * Checking checkpoints, step 1). `named` is the segment that the head names as the one before.
 */
export function chainFault(
  checkpoint: SignedCheckpoint,
  before: Before | undefined,
  named: number | undefined,
): string | undefined {
  const { lane, segment, previous } = checkpoint;
  if (!previous) return undefined;
  if (named !== undefined && named !== previous.segment)
    return `${placeOf(checkpoint)}: it names segment ${previous.segment} as the one before it, and the head segment ${named}`;
  const where = placeOf({ lane, segment: previous.segment });
  const file = before?.segment === previous.segment ? before.file : undefined;
  if (!file)
    return `${where}: is missing or cannot be read, but the checkpoint of segment ${segment} names it`;
  return equal(checkpointHash(file), previous.hash)
    ? undefined
    : `${where}: is not the one that the checkpoint of segment ${segment} names; it was exchanged`;
}

export function placeOf(at: { readonly lane: Uint8Array; readonly segment: number }): string {
  return `${describeSegment(at)}, checkpoint`;
}
