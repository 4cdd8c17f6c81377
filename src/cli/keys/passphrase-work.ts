/** Passphrase work: what it takes to try the passphrase of a file, said before it takes long, and refused where it cannot be. */
import { totalmem } from 'node:os';
import { Problem } from '../../core/errors.js';
import type { ProtectedFile } from '../../reader/protected-file.js';
import { openFileKey, usualWorkFactor } from '../../seal/passphrase.js';

/** What this computer has. */
export interface Machine {
  /** Octets of memory that a program may have. */
  readonly memory: number;
  /** Seconds that one try of a small work factor takes. */
  secondsOf(workFactor: number): Promise<number>;
}

/** A factor that is tried to see how fast the machine is: a twentieth of a second, 16 MiB. */
const sample = 14;

/** A line that says what a try takes; undefined if it is not much. Throws a Problem if there cannot be memory enough. */
export async function passphraseWork(
  { source, stanza: { workFactor } }: Pick<ProtectedFile, 'source' | 'stanza'>,
  machine: Machine = thisMachine,
): Promise<string | undefined> {
  if (workFactor <= usualWorkFactor) return undefined;
  const mebibytes = 2 ** (workFactor - 10);
  const there = Math.floor(machine.memory / 2 ** 20);
  if (mebibytes > there)
    throw new Problem(
      'identity',
      `${source}: to try the passphrase takes ${mebibytes} MiB of memory, and this computer has ${there}; open it on another, and protect it with less work: obalka key passphrase`,
    );
  const seconds = Math.ceil((await machine.secondsOf(sample)) * 2 ** (workFactor - sample));
  return `${source}: to try the passphrase takes about ${seconds} s and ${mebibytes} MiB of memory`;
}

const nothing = { salt: new Uint8Array(16), workFactor: sample, body: new Uint8Array(32) };

const thisMachine: Machine = {
  // What is not bounded is given as more than there is.
  memory: Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
  async secondsOf(workFactor) {
    const began = performance.now();
    await openFileKey({ ...nothing, workFactor }, new Uint8Array(0));
    return (performance.now() - began) / 1000;
  },
};
