/** A process of its own that takes a lock, says "held" or "refused", and stays until its input ends or it is killed. */
import { takeLock } from '../../src/sqlite/process-lock.js';

// Nobody keeps the lock that is taken here: were it collected, the file would be free.
const said = takeLock(process.argv[2] as string) ? 'held' : 'refused';
for (let round = 0; round < 3; round += 1) {
  await new Promise((done) => setTimeout(done, 10));
  (globalThis as { gc?: () => void }).gc?.();
}
process.stdout.write(`${said}\n`);
if (said === 'held') process.stdin.resume();
