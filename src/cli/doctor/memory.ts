/** Memory: whether mail under way, which stands there in the clear, can come to rest on a disk (core dumps, swap). */
import { basename } from 'node:path';
import { shownWords } from '../terminal/shell-word.js';
import { type Finding, ok, unseen, warning } from './finding.js';
import { limitOf, unitValue } from './limits.js';
import type { Machine } from './machine.js';
import { mountOf } from './mounts.js';

/** `server`: the process that serves, if one does. */
export async function memoryFindings(machine: Machine, server: number | undefined): Promise<Finding[]> {
  return [await coreFinding(machine, server), ...(await swapFindings(machine, server))];
}

async function coreFinding(machine: Machine, server: number | undefined): Promise<Finding> {
  const about = 'core dumps';
  const limit = await limitOf(machine, server, 'Max core file size');
  if (!limit) return unseen(about, 'this system does not show whether a crash writes the memory to a file');
  const pattern = (await machine.text('/proc/sys/kernel/core_pattern'))?.trim() ?? '';
  const ofUnit = server === undefined ? await unitValue(machine, 'LimitCORE') : undefined;
  const whose = server !== undefined ? 'the server' : ofUnit === '0' ? 'the service' : 'this process';
  if (limit.soft !== 0 && ofUnit !== '0')
    return warning(
      about,
      `a crash of ${whose} writes its memory to a file (${pattern || 'core'}), and mail in the clear is in it`,
      server === undefined
        ? 'ulimit -c 0'
        : 'obalka service --to /etc && systemctl daemon-reload && systemctl restart obalka',
    );
  // A program behind a pipe gets the memory whatever the limit is; that of systemd keeps to it.
  if (pattern.startsWith('|') && !pattern.includes('systemd-coredump'))
    return warning(
      about,
      `a crash gives the memory to ${pattern.slice(1).split(' ')[0]}, whatever the limit is`,
      'sysctl -w kernel.core_pattern=core',
    );
  return ok(about, `a crash of ${whose} writes no memory to a file`);
}

async function swapFindings(machine: Machine, server: number | undefined): Promise<Finding[]> {
  const about = 'swap';
  const text = await machine.text('/proc/swaps');
  if (text === undefined) return [unseen(about, 'this system does not show whether memory is swapped')];
  const places = text
    .split('\n')
    .slice(1)
    .flatMap((line) => line.split(/\s+/)[0] || [])
    .map((path) => path.replaceAll('\\040', ' '));
  if (places.length === 0) return [ok(about, 'there is none')];
  if (await isKeptFromSwap(machine, server)) return [ok(about, 'the server is kept out of it')];
  const open: string[] = [];
  for (const path of places) if (!(await isClosed(machine, path))) open.push(path);
  if (open.length === 0) return [ok(about, 'it is encrypted, or stays in memory')];
  return open.map((path) =>
    warning(
      about,
      `${path} is not encrypted, as far as can be seen: memory with mail in the clear can rest there`,
      shownWords('swapoff', path),
      'obalka service --to /etc && systemctl daemon-reload && systemctl restart obalka',
    ),
  );
}

/** Whether systemd keeps it out (MemorySwapMax=0). */
async function isKeptFromSwap(machine: Machine, server: number | undefined): Promise<boolean> {
  if (server === undefined) return (await unitValue(machine, 'MemorySwapMax')) === '0';
  const group = /^0::(.*)$/m.exec((await machine.text(`/proc/${server}/cgroup`)) ?? '')?.[1];
  return (await machine.text(`/sys/fs/cgroup${group}/memory.swap.max`))?.trim() === '0';
}

async function isClosed(machine: Machine, path: string): Promise<boolean> {
  const real = (await machine.target(path)) ?? path;
  if (/^\/dev\/zram\d+$/.test(real)) return true;
  if (real.startsWith('/dev/')) return isEncrypted(machine, basename(real));
  const mount = await mountOf(machine, real);
  const device = mount && ((await machine.target(mount.source)) ?? mount.source);
  return device?.startsWith('/dev/') === true && isEncrypted(machine, basename(device));
}

/** Whether a block device is a mapping of dm-crypt, or stands on such only. */
async function isEncrypted(machine: Machine, name: string): Promise<boolean> {
  const uuid = await machine.text(`/sys/class/block/${name}/dm/uuid`);
  if (uuid?.startsWith('CRYPT-')) return true;
  const below = await machine.names(`/sys/class/block/${name}/slaves`);
  for (const one of below) if (!(await isEncrypted(machine, one))) return false;
  return below.length > 0;
}
