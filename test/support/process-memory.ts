/** Process memory: what another process of this user holds, read from outside through /proc (proc(5): maps, mem). */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Search } from './disguises.js';

/** Pieces overlap by so much: more than the longest thing that is looked for. */
const overlap = 4096;
const pieceLength = 2 ** 22;

/** Whether this process may read another one's memory; if not, why. */
export function unreadable(pid: number): string | undefined {
  try {
    closeSync(openSync(`/proc/${pid}/mem`, 'r'));
    const [first] = regionsOf(pid);
    if (!first) return 'no memory is listed in /proc';
    readRegion(pid, { from: first.from, to: first.from + 16 }, () => undefined);
    return undefined;
  } catch (error) {
    return `/proc/PID/mem cannot be read (${(error as NodeJS.ErrnoException).code})`;
  }
}

export interface Scanned {
  /** Names of the patterns that were found. */
  readonly found: ReadonlySet<string>;
  readonly octets: number;
}

/** Searches all memory that the process can write to. It goes on meanwhile: what moves may be missed, so look twice. */
export function scan(pid: number, search: Search): Scanned {
  const found = new Set<string>();
  let octets = 0;
  for (const region of regionsOf(pid))
    readRegion(pid, region, (bytes) => {
      octets += bytes.length;
      for (const name of search.in(bytes)) found.add(name);
    });
  return { found, octets };
}

interface Region {
  readonly from: number;
  readonly to: number;
}

function regionsOf(pid: number): Region[] {
  return readFileSync(`/proc/${pid}/maps`, 'latin1')
    .split('\n')
    .flatMap((line) => {
      const match = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
      return match
        ? [{ from: Number.parseInt(match[1] as string, 16), to: Number.parseInt(match[2] as string, 16) }]
        : [];
    });
}

/** A region that is gone meanwhile, or that the system does not give out, is passed over from there on. */
function readRegion(pid: number, { from, to }: Region, use: (bytes: Buffer) => void): void {
  const file = openSync(`/proc/${pid}/mem`, 'r');
  const piece = Buffer.allocUnsafe(pieceLength);
  try {
    for (let at = from; at < to; at += pieceLength - overlap) {
      const length = readSync(file, piece, 0, Math.min(pieceLength, to - at), at);
      if (length === 0) return;
      use(piece.subarray(0, length));
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error;
  } finally {
    closeSync(file);
  }
}
