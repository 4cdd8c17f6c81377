/** Disk: where the data is, how much room there is, and whether a sync means what a 250 promises. */
import { dirname } from 'node:path';
import { defaultReserve } from '../../server/disk-reserve.js';
import { size } from '../mailbox/shown-size.js';
import { shownCommand, shownWords } from '../terminal/shell-word.js';
import { bad, type Finding, ok, unseen, warning } from './finding.js';
import type { Machine } from './machine.js';
import { type Mount, mountOf } from './mounts.js';

const inMemory = new Set(['tmpfs', 'ramfs', 'devtmpfs', 'hugetlbfs']);
const ofContainer = new Set(['overlay', 'aufs', 'fuse.fuse-overlayfs']);
const ofOthers =
  /^(nfs\d?|cifs|smb3|smbfs|9p|virtiofs|ceph|afs|lustre|gfs2|ocfs2|fuse\.(sshfs|ceph|glusterfs|s3fs|rclone|davfs))$/;
const withoutRights = new Set(['vfat', 'msdos', 'exfat']);
const noBarrier = new Set(['nobarrier', 'barrier=0']);

/** Milliseconds: no disk is faster, and a server that is slower keeps its senders waiting. */
const soonest = 0.015;
const latest = 100;

/** `reserve`: octets that are to stay free; undefined for as many as suit the disk. */
export async function diskFindings(
  machine: Machine,
  data: string,
  reserve: number | undefined,
): Promise<Finding[]> {
  const folder = await nearestFolder(machine, data);
  const mount = await mountOf(machine, folder);
  return [
    ...(mount
      ? [mountFinding(mount, data), ...accessFindings(mount)]
      : [unseen('disk', 'this system does not show its mounts')]),
    spaceFinding(machine, folder, reserve),
    syncFinding(machine, folder),
  ];
}

/** The data directory without links; before it is made, the nearest folder above it. */
async function nearestFolder(machine: Machine, data: string): Promise<string> {
  for (let path = data; ; path = dirname(path)) {
    const real = await machine.target(path);
    if (real !== undefined || path === dirname(path)) return real ?? path;
  }
}

function mountFinding({ point, type, options }: Mount, data: string): Finding {
  const about = 'disk';
  const where = `${data} is on ${type}`;
  if (inMemory.has(type))
    return bad(
      about,
      `${where}, which is in memory: all mail is gone with the next start of the machine`,
      'obalka init --data /var/lib/obalka',
    );
  if (options.includes('ro'))
    return bad(
      about,
      `${where}, which is mounted for reading only`,
      shownWords('mount', '-o', 'remount,rw', point),
    );
  if (options.some((option) => noBarrier.has(option)))
    return bad(
      about,
      `${where}, mounted without barriers: what was synced can be lost when the power fails`,
      shownWords('mount', '-o', 'remount,barrier=1', point),
    );
  if (withoutRights.has(type))
    return bad(
      about,
      `${where}, which has no permissions: everybody here reads the pepper and the signing keys`,
      'obalka init --data /var/lib/obalka',
    );
  if (ofContainer.has(type))
    return warning(
      about,
      `${where}, the layer of a container: all mail is gone with the container`,
      'podman run --volume obalka:/var/lib/obalka obalka',
    );
  if (ofOthers.test(type))
    return warning(
      about,
      `${where}: another machine says what is synced and who has the lock; keep to one server`,
      'obalka init --data /var/lib/obalka',
    );
  return ok(about, where);
}

/** Each look-up of an address would leave its time at the registry (leaks.md, Access times). */
function accessFindings({ point, options }: Mount): Finding[] {
  if (options.includes('relatime') || options.includes('noatime') || options.includes('ro')) return [];
  const seen = `${point} keeps the time of each read (strictatime): the disk tells when the last mail came`;
  return [warning('access time', seen, shownWords('mount', '-o', 'remount,noatime', point))];
}

function spaceFinding(machine: Machine, folder: string, wanted: number | undefined): Finding {
  const about = 'space';
  const space = machine.space(folder);
  if (!space) return unseen(about, 'this system does not show how much is free');
  const reserve = wanted ?? defaultReserve(space);
  const seen = `${size(space.free).trim()} of ${size(space.total).trim()} are free`;
  const mend = shownCommand('retain', '--older-than', '1y', '--dry-run');
  if (space.free < reserve)
    return bad(
      about,
      `${seen}, less than the reserve of ${size(reserve).trim()}: all mail is put off with 452`,
      mend,
    );
  if (space.free < 8 * reserve)
    return warning(about, `${seen}, and mail is put off below ${size(reserve).trim()}`, mend);
  return ok(about, seen);
}

function syncFinding(machine: Machine, folder: string): Finding {
  const about = 'sync';
  if (/eatmydata/.test(machine.preloaded))
    return bad(about, 'libeatmydata makes every sync do nothing: a 250 promises nothing', 'unset LD_PRELOAD');
  const times = machine.syncs(folder);
  if (typeof times === 'string')
    return unseen(about, `not measured: no file can be made in ${folder} (${times})`);
  const median = [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  const seen = `a sync takes ${median < 1 ? median.toFixed(3) : median.toFixed(1)} ms`;
  if (median < soonest)
    return warning(
      about,
      `${seen}, sooner than any disk: what is behind it forgets when the power fails; try a machine with a disk of its own, or another`,
      shownWords('findmnt', '--target', folder),
    );
  if (median > latest)
    return warning(about, `${seen}: senders wait so long for each 250`, shownWords('iostat', '-x', '1', '5'));
  return ok(about, seen);
}
