/** The folder `signers` of a data directory: one file for the signing key of each lane (spec/checkpoints.md, Signing key). */
import { utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Problem } from '../../core/errors.js';
import { constantTime, laneFolder } from '../../journal/names.js';
import type { Signers } from '../../journal/signers.js';
import { signingSeedSize } from '../../seal/signing.js';
import { SigningKey } from '../../seal/signing-key.js';
import { makeFolders } from '../files/make-folders.js';
import { readSecretFile } from '../files/secret-file.js';
import { syncFolder, writeWhole } from '../files/whole-file.js';
import { random } from '../random.js';

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
  await writeWhole(path, text, { time: constantTime });
  if (isMade) await syncFolder(dirname(folder));
  await utimes(folder, constantTime, constantTime);
}
