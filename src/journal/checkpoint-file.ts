/** Checkpoint file: written whole under another name, then renamed, so that there is always one that can be read. */
import { join } from 'node:path';
import { equal } from '../core/bytes.js';
import { NewerVersion } from '../core/errors.js';
import {
  type Checkpoint,
  checkpointHash,
  decodeCheckpoint,
  encodeCheckpoint,
  encodeCheckpointText,
  maxCheckpointSize,
} from '../format/checkpoint.js';
import { describeSegment, type SegmentPlace } from '../format/place.js';
import { isSignedBy } from '../seal/signing.js';
import type { Disk } from './disk.js';
import { checkpointFile, constantTime } from './names.js';
import type { LaneSigner } from './signers.js';

/** How a successor's checkpoint names the one of the segment before it. */
export type NamedCheckpoint = NonNullable<Checkpoint['previous']>;

/**
 * Signs and writes; durable when it resolves, with the file's hash. A reader may pin what it sees: a checkpoint that a loss
 * of power took back would look like a rollback.
 */
export async function writeCheckpoint(
  disk: Disk,
  folder: string,
  checkpoint: Checkpoint,
  signer: LaneSigner,
): Promise<Uint8Array> {
  const bytes = encodeCheckpoint(checkpoint, signer.publicKey, signer.sign(encodeCheckpointText(checkpoint)));
  const path = join(folder, checkpointFile);
  const unfinished = `${path}.unfinished`;
  await disk.removeUnfinished(unfinished);
  const file = await disk.create(unfinished);
  try {
    await file.write(0, [bytes]);
    await file.sync();
    await file.setTime(constantTime).catch(() => undefined);
  } finally {
    await file.close();
  }
  await disk.rename(unfinished, path);
  await disk.setFolderTime(folder, constantTime).catch(() => undefined);
  await disk.syncFolder(folder);
  return checkpointHash(bytes);
}

/**
 * The checkpoint that stands in a segment's folder, made durable: a successor may name it. Undefined if there is none, or
 * if the disk does not say that it will last.
 */
export async function keepCheckpoint(
  disk: Disk,
  folder: string,
  segment: number,
): Promise<NamedCheckpoint | undefined> {
  try {
    const file = await disk.open(join(folder, checkpointFile));
    try {
      await file.sync();
      const bytes = await file.read(0, maxCheckpointSize + 1);
      // Reading set the time of access.
      await file.setTime(constantTime).catch(() => undefined);
      await disk.syncFolder(folder);
      return { segment, hash: checkpointHash(bytes) };
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

/** The checkpoint that stands there, if it is one of this segment and of this writer. Throws NewerVersion. */
export function readOwnCheckpoint(
  disk: Disk,
  folder: string,
  place: SegmentPlace,
  signer: LaneSigner,
): Promise<Checkpoint | undefined> {
  return readCheckpointOf(disk, folder, place, signer.publicKey);
}

/** The same, of any writer. */
export async function readCheckpointOf(
  disk: Disk,
  folder: string,
  place: Pick<SegmentPlace, 'lane' | 'segment' | 'id'>,
  signer: Uint8Array,
): Promise<Checkpoint | undefined> {
  const bytes = await readCheckpoint(disk, folder);
  if (!bytes) return undefined;
  try {
    const found = decodeCheckpoint(bytes, describeSegment(place));
    const isOurs = isSignedBy(signer, found.text, found.signature);
    return isOurs && found.segment === place.segment && equal(found.id, place.id) ? found : undefined;
  } catch (error) {
    if (error instanceof NewerVersion) throw error;
    // Torn by a loss of power, or anybody's: as good as none.
    return undefined;
  }
}

/** The octets of a segment's file `checkpoint`; undefined if there is none. */
async function readCheckpoint(disk: Disk, folder: string): Promise<Uint8Array | undefined> {
  return disk.read(join(folder, checkpointFile), maxCheckpointSize + 1).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
}
