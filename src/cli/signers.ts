/** The folder `signers` of a data directory: one file for the signing key of each lane (spec/checkpoints.md, Signing key). */
import { open, rename, rm, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Problem } from '../core/errors.js';
import { constantTime, laneFolder } from '../journal/names.js';
import type { Signers } from '../journal/signers.js';
import { signingSeedSize } from '../seal/signing.js';
import { SigningKey } from '../seal/signing-key.js';
import { makeFolders } from './make-folders.js';
import { random } from './random.js';
import { readSecretFile } from './secret-file.js';

export function keptSigners(folder: string): Signers {
  return {
    async find(lane) {
      const path = laneFolder(folder, lane);
      const seed = await readSecretFile(path, 'signing key');
      return seed && new SigningKey(seed);
    },
    async make(lane) {
      const path = laneFolder(folder, lane);
      const seed = random(signingSeedSize);
      await keep(folder, path, `${Buffer.from(seed).toString('hex')}\n`).catch(
        (error: NodeJS.ErrnoException) => {
          throw new Problem(
            'failure',
            `${path}: the signing key cannot be kept (${error.code}); check the folder`,
          );
        },
      );
      return new SigningKey(seed);
    },
  };
}

/** Whole and durable, or not there. */
async function keep(folder: string, path: string, text: string): Promise<void> {
  const isMade = await makeFolders(folder);
  const unfinished = `${path}.unfinished`;
  await rm(unfinished, { force: true });
  const file = await open(unfinished, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await utimes(unfinished, constantTime, constantTime);
  await rename(unfinished, path);
  for (const one of isMade ? [folder, dirname(folder)] : [folder]) await syncFolder(one);
  await utimes(folder, constantTime, constantTime);
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
