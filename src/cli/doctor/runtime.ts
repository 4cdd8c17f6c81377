/** Runtime: the version of Node, how long it gets repairs, and what was compiled for it. */
import { bad, type Finding, ok, warning } from './finding.js';
import type { Machine } from './machine.js';

const least = [20, 12] as const;

/** The end of each line, as the Node project has announced it (https://github.com/nodejs/release). Odd ones end in June. */
const ends: Readonly<Record<number, string>> = {
  20: '2026-04-30',
  21: '2024-06-01',
  22: '2027-04-30',
  23: '2025-06-01',
  24: '2028-04-30',
  25: '2026-06-01',
};

const about = 'node';
const mend = 'npm install --global n && n 24';

export async function runtimeFindings(machine: Machine): Promise<Finding[]> {
  const fault = await machine.sqliteFault();
  const compiled = fault === undefined ? [] : [bad('sqlite', fault, 'apt-get install python3 make g++')];
  return [...versionFindings(machine), ...compiled];
}

function versionFindings({ nodeVersion, now }: Machine): Finding[] {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  if (major < least[0] || (major === least[0] && minor < least[1]))
    return [bad(about, `${nodeVersion} is too old; at least ${least.join('.')} is needed`, mend)];
  const end = ends[major];
  if (end !== undefined && now > Date.parse(end))
    return [
      warning(about, `${nodeVersion} gets no repairs since ${end}: holes in TLS and HTTP stay open`, mend),
    ];
  return [ok(about, end === undefined ? nodeVersion : `${nodeVersion}, which gets repairs until ${end}`)];
}
