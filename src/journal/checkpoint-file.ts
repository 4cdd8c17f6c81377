/** Checkpoint file: written whole under another name, then renamed, so that there is always one that can be read. */
import { join } from 'node:path';
import {
  type Checkpoint,
  checkpointHash,
  encodeCheckpoint,
  encodeCheckpointText,
  maxCheckpointSize,
} from '../format/checkpoint.js';
import type { Disk } from './disk.js';
import { checkpointFile, constantTime } from './names.js';
import type { LaneSigner } from './signers.js';

/** How a successor's checkpoint names the one of the segment before it. */
export type NamedCheckpoint = NonNullable<Checkpoint['previous']>;

/** Signs and writes. `durable`: synced with its folder, as the last one of a segment is. Resolves with the file's hash. */
export async function writeCheckpoint(
  disk: Disk,
  folder: string,
  checkpoint: Checkpoint,
  signer: LaneSigner,
  durable: boolean,
): Promise<Uint8Array> {
  const bytes = encodeCheckpoint(checkpoint, signer.publicKey, signer.sign(encodeCheckpointText(checkpoint)));
  const path = join(folder, checkpointFile);
  const unfinished = `${path}.unfinished`;
  await disk.removeUnfinished(unfinished);
  const file = await disk.create(unfinished);
  try {
    await file.write(0, [bytes]);
    if (durable) await file.sync();
    await file.setTime(constantTime);
  } finally {
    await file.close();
  }
  await disk.rename(unfinished, path);
  if (durable) await disk.syncFolder(folder);
  await disk.setFolderTime(folder, constantTime);
  return checkpointHash(bytes);
}

/** The octets of a segment's file `checkpoint`; undefined if there is none. */
export async function readCheckpoint(disk: Disk, folder: string): Promise<Uint8Array | undefined> {
  return disk.read(join(folder, checkpointFile), maxCheckpointSize + 1).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
}
