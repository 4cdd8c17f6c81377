/** Worker processes of a server that was started. */
import { readFileSync } from 'node:fs';
import type { Server } from './server.js';

/** Their ids, in the order of their beginning. */
export function workersOf(server: Server): number[] {
  const { pid } = server;
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
}

/** Waits until a process is gone. */
export async function gone(pid: number): Promise<void> {
  for (let times = 0; isThere(pid); times++) {
    if (times > 1000) throw new Error(`process ${pid} does not end`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

function isThere(pid: number): boolean {
  try {
    // A zombie is gone, though nobody has asked for its end yet.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
