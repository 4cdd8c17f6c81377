/** Data lock: one program at a time owns a data directory, and no worker of an earlier one is left. */
import { setTimeout } from 'node:timers/promises';
import { Problem } from '../../core/errors.js';
import { answersControl } from '../../net/control.js';
import { type ProcessLock, takeLock } from '../../sqlite/process-lock.js';
import { mustBeMyFile } from '../files/only-mine.js';
import { type DataDirectory, exists, mustOwn, otherOwner } from './data-directory.js';

/** Workers end when the process that began them does; in the middle of a long piece of work, some moments later. */
const patience = 10_000;

/**
 * Takes the lock; undefined if another process has it. Throws a Problem, before anything is written, if the folder is
 * another user's, or a link stands where a lock is made; and if workers of a server that was killed do not end in ten
 * seconds.
 */
export async function takeDataLock(
  data: DataDirectory,
  who: 'this command' | 'the server' = 'this command',
): Promise<ProcessLock | undefined> {
  await mustOwn(data, who);
  for (const path of [data.lock, data.workersLock]) mustBeMyFile(path);
  const lock = takeLock(data.lock);
  if (!lock) return undefined;
  try {
    // Without the file there never was a worker that came so far as to write.
    if (await exists(data.workersLock)) await noWorkerLeft(data);
    return lock;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * The same for what a running server does as well: undefined if one is to be asked. Whoever may ask it need not own the
 * folder, and takes no lock then.
 */
export async function takeDataLockOrAsk(data: DataDirectory): Promise<ProcessLock | undefined> {
  const isAnothers = (await otherOwner(data)) !== undefined;
  if (isAnothers && (await answersControl(data.control))) return undefined;
  return takeDataLock(data);
}

async function noWorkerLeft({ path, workersLock }: DataDirectory): Promise<void> {
  const until = performance.now() + patience;
  for (;;) {
    const all = takeLock(workersLock);
    all?.release();
    if (all) return;
    if (performance.now() > until)
      throw new Problem(
        'later',
        `${path}: a process of a server that was killed still writes here; try again, or end it`,
      );
    await setTimeout(50);
  }
}
