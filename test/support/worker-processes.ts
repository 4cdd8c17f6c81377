/** Worker processes of a server that was started. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Server } from './server.js';
import { until } from './until.js';
import type { Wire } from './wire.js';

/** Their ids, in the order of their beginning. */
export function workersOf({ pid }: { readonly pid: number | undefined }): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
}

/** Waits until a process is gone. */
export async function gone(pid: number): Promise<void> {
  await until(`process ${pid} ends`, () => !isThere(pid));
}

/** Whether a process runs, or is stopped. */
export function isThere(pid: number): boolean {
  try {
    // A zombie is gone, though nobody has asked for its end yet.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** A session with each worker: `open` makes one, and the system gives it to any of them. */
export async function sessionWithEach(server: Server, open: () => Promise<Wire>): Promise<Wire[]> {
  const workers = workersOf(server);
  const found = new Map<number, Wire>();
  for (let times = 0; found.size < workers.length; times++) {
    if (times === 200) throw new Error('the system gives all connections to some of the workers');
    const before = workers.map(socketsOf);
    const wire = await open();
    const at = workers.findIndex((pid, index) => socketsOf(pid) > (before[index] as number));
    if (at >= 0 && !found.has(at)) found.set(at, wire);
    else await wire.quit();
  }
  return workers.map((_, at) => found.get(at) as Wire);
}

function socketsOf(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((name) => {
    try {
      return readlinkSync(`${folder}/${name}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}
