/** What a process and its descendants cost: CPU time and memory, from Linux's /proc. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Clock ticks per second as /proc shows them; fixed in Linux's interface to programs. */
const ticksPerSecond = 100;

export interface Stat {
  readonly parent: number;
  /** Own time and that of children waited for. */
  readonly cpuSeconds: number;
}

/** A file of a process; undefined if it ended meanwhile. */
function read(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return undefined;
  }
}

/** The text of /proc/PID/stat (proc(5)). */
export function parseStat(text: string): Stat {
  // The second field is the program's name in parentheses and may hold anything; the third is the state.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { parent: Number(fields[1]), cpuSeconds: ticks / ticksPerSecond };
}

/** The text of /proc/PID/status (proc(5)): resident memory in MiB; 0 for one that is ending. */
export function parseStatus(text: string): { now: number; peak: number } {
  return {
    now: Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024,
    peak: Number(/^VmHWM:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1024,
  };
}

function withDescendants(pid: number): Map<number, Stat> {
  const all = new Map<number, Stat>();
  for (const name of readdirSync('/proc')) {
    const text = /^\d+$/.test(name) ? read(Number(name), 'stat') : undefined;
    if (text) all.set(Number(name), parseStat(text));
  }
  const family = new Map<number, Stat>();
  const add = (member: number) => {
    const found = all.get(member);
    if (!found) return;
    family.set(member, found);
    for (const [child, { parent }] of all) if (parent === member) add(child);
  };
  add(pid);
  return family;
}

/** CPU seconds (user and system) since the process began. */
export function cpuSeconds(pid: number): number {
  let sum = 0;
  for (const member of withDescendants(pid).values()) sum += member.cpuSeconds;
  return sum;
}

/** Resident memory in MiB: now, and its highest since the last `resetPeak`. */
export function residentMiB(pid: number): { now: number; peak: number } {
  const sum = { now: 0, peak: 0 };
  for (const member of withDescendants(pid).keys()) {
    const { now, peak } = parseStatus(read(member, 'status') ?? '');
    sum.now += now;
    sum.peak += peak;
  }
  return sum;
}

/** Sets the highest resident memory back to what is resident now (proc(5), clear_refs). */
export function resetPeak(pid: number): void {
  for (const member of withDescendants(pid).keys()) {
    try {
      writeFileSync(`/proc/${member}/clear_refs`, '5');
    } catch (error) {
      if (!/ENOENT|ESRCH/.test((error as Error).message)) throw error; // ended meanwhile
    }
  }
}

/** Memory while something goes on. */
export interface Watched {
  /** The highest so far in MiB: as the system knows it while the processes stay the same, else as it was seen every 50 ms. */
  peak(): number;
  stop(): void;
}

/** Watches the resident memory of a process and its descendants, of which some may end and others begin. */
export function watchResident(pid: number): Watched {
  resetPeak(pid);
  const members = () => [...withDescendants(pid).keys()].sort().join();
  const first = members();
  let isSame = true;
  let highest = residentMiB(pid).now;
  const look = () => {
    const { now, peak } = residentMiB(pid);
    isSame &&= members() === first;
    highest = Math.max(highest, isSame ? peak : now);
    return highest;
  };
  const timer = setInterval(look, 50).unref();
  return { peak: look, stop: () => clearInterval(timer) };
}
