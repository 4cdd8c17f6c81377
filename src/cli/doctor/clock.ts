/** Clock: mail, weeks and keys with dates go by it. */
import { bad, type Finding, ok, unseen, warning } from './finding.js';
import type { Machine } from './machine.js';

/** This program is from 2026; the far end is where certificates and dates of keys would all be over. */
const earliest = Date.UTC(2026, 0);
const latest = Date.UTC(2076, 0);

const about = 'clock';
const mend = 'timedatectl set-ntp true';

export async function clockFindings(machine: Machine): Promise<Finding[]> {
  const day = new Date(machine.now).toISOString().slice(0, 10);
  if (machine.now < earliest || machine.now >= latest)
    return [bad(about, `it says ${day}: mail would get wrong dates, and its retention too`, mend)];
  const said = await machine.run('timedatectl', 'show', '--property=NTPSynchronized', '--value');
  if (said?.trim() === 'yes') return [ok(about, `it says ${day}, and is set by the network`)];
  if (said?.trim() === 'no')
    return [warning(about, `it says ${day}, and nothing sets it by the network`, mend)];
  return [unseen(about, `it says ${day}; whether the network sets it cannot be seen here (timedatectl)`)];
}
