/** Fake machine: what doctor sees of one that is as it should be, with what a test says instead. */
import type { Holder, Looked, Machine } from '../../src/cli/doctor/machine.js';

export interface Told extends Partial<Machine> {
  /** Path → text. */
  readonly files?: Readonly<Record<string, string>>;
  /** Path → what stands there. */
  readonly there?: Readonly<Record<string, Looked>>;
  /** Inode → who has it. */
  readonly held?: Readonly<Record<string, readonly Holder[]>>;
}

export const folder = (mode = 0o700, uid = 0): Looked => ({ kind: 'folder', mode, uid, gid: uid });
export const file = (mode = 0o600, uid = 0): Looked => ({ kind: 'file', mode, uid, gid: uid });

/** Limits of a process, as Linux shows them. */
export function limits(open: string, core: string): string {
  return [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    `Max core file size        ${core.padEnd(20)} unlimited            bytes     `,
    `Max open files            ${open.padEnd(20)} 1048576              files     `,
    '',
  ].join('\n');
}

export function mountinfo(
  ...mounts: readonly (readonly [point: string, type: string, source: string, options?: string])[]
) {
  return mounts
    .map(
      ([point, type, source, options = 'rw'], at) =>
        `${at} 1 8:${at} / ${point} rw,relatime - ${type} ${source} ${options}`,
    )
    .join('\n');
}

const good: Readonly<Record<string, string>> = {
  '/proc/self/limits': limits('65536', '0'),
  '/proc/sys/kernel/core_pattern': 'core\n',
  '/proc/swaps': 'Filename\tType\tSize\tUsed\tPriority\n',
  '/proc/self/mountinfo': mountinfo(['/', 'ext4', '/dev/sda2']),
  '/proc/net/tcp': '  sl  local_address\n',
  '/proc/net/tcp6': '  sl  local_address\n',
};

export function fakeMachine({ files = {}, there = {}, held = {}, ...others }: Told = {}): Machine {
  const all = { ...good, ...files };
  return {
    user: 0,
    nodeVersion: '24.1.0',
    now: Date.UTC(2026, 10, 21),
    addresses: ['192.0.2.1'],
    preloaded: '',
    sqliteFault: async () => undefined,
    text: async (path) => all[path],
    look: async (path) => there[path],
    names: async (at) =>
      [...new Set([...Object.keys(there), ...Object.keys(all)])]
        .filter((path) => path.startsWith(`${at}/`))
        .map((path) => path.slice(at.length + 1).split('/')[0] as string)
        .filter((name, index, names) => names.indexOf(name) === index),
    target: async (path) => path,
    space: () => ({ free: 50 * 2 ** 30, total: 100 * 2 ** 30 }),
    syncs: () => [3, 2, 4],
    run: async () => 'yes\n',
    holders: (inode) => held[inode] ?? [],
    ...others,
  };
}
