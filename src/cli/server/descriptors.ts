/** Descriptors: how many connections this process may hold, so that the journal never lacks a descriptor. */
import { readFileSync } from 'node:fs';
import { Problem } from '../../core/errors.js';

/** For the journal, the registry, certificates, listeners, the control socket, and what the runtime itself has open. */
export const reservedDescriptors = 192;
/** Fewer connections than this are no server. */
const fewest = 16;
/** Where the system does not say: what POSIX systems give at least. */
const usualLimit = 256;

/** Connections that fit under a limit of descriptors, at most `wanted`. Throws a Problem if hardly any do. */
export function connectionsUnder(limit: number, wanted: number): number {
  // One in eleven is for a connection that is told that there are too many.
  const room = Math.floor(((limit - reservedDescriptors) * 10) / 11);
  if (room < fewest)
    throw new Problem(
      'failure',
      `this process may open ${limit} files, too few to serve; raise the limit (ulimit -n 4096, or LimitNOFILE=)`,
    );
  return Math.min(wanted, room);
}

/** The process's limit of open descriptors. */
export function descriptorLimit(): number {
  try {
    const soft = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    return soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(soft ?? usualLimit);
  } catch {
    return usualLimit;
  }
}
