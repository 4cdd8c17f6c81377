/** Descriptors: whether the server may open as many files as its connections need. */
import { connectionsUnder, reservedDescriptors } from '../server/descriptors.js';
import { bad, type Finding, ok, unseen, warning } from './finding.js';
import { limitOf, unitValue } from './limits.js';
import type { Machine } from './machine.js';

const about = 'descriptors';

/** `server`: the process that serves, if one does. `wanted`: the most connections that a process of it is to take. */
export async function descriptorFindings(
  machine: Machine,
  server: number | undefined,
  wanted: number,
): Promise<Finding[]> {
  const limit = await limitOf(machine, server, 'Max open files');
  if (!limit) return [unseen(about, 'this system does not show the limit of open files')];
  const ofUnit = server === undefined ? Number(await unitValue(machine, 'LimitNOFILE')) || 0 : 0;
  const files = Math.max(limit.soft, ofUnit);
  const whose = server !== undefined ? 'the server' : ofUnit > limit.soft ? 'the service' : 'this process';
  const needed = reservedDescriptors + Math.ceil((wanted * 11) / 10);
  const mend =
    limit.hard >= needed && server === undefined
      ? `ulimit -n ${needed}`
      : 'obalka service --to /etc && systemctl daemon-reload && systemctl restart obalka';
  let room: number;
  try {
    room = connectionsUnder(files, wanted);
  } catch {
    return [bad(about, `${whose} may open ${shown(files)} files, too few to serve at all`, mend)];
  }
  const seen = `${whose} may open ${shown(files)} files, enough for ${room} connections`;
  return [room < wanted ? warning(about, `${seen} of ${wanted}`, mend) : ok(about, seen)];
}

function shown(files: number): string {
  return Number.isFinite(files) ? String(files) : 'any number of';
}
