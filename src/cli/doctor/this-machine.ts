/** This machine, as the system shows it. */
import { execFile } from 'node:child_process';
import {
  closeSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { freeSpace } from '../../journal/free-space.js';
import { ipv6Text } from '../../net/ipv6.js';
import type { Holder, Looked, Machine } from './machine.js';

const syncCount = 8;
const syncOctets = 16_384;

export function thisMachine(): Machine {
  let holders: ReadonlyMap<string, readonly Holder[]> | undefined;
  return {
    user: process.geteuid?.() ?? 0,
    nodeVersion: process.versions.node,
    now: Date.now(),
    addresses: ownAddresses(),
    preloaded: process.env.LD_PRELOAD ?? '',
    sqliteFault,
    text: (path) => readFile(path, 'latin1').catch(() => undefined),
    look,
    names: (folder) =>
      readdir(folder).then(
        (names) => names.sort(),
        () => [],
      ),
    target: (path) => realpath(path).catch(() => undefined),
    space: freeSpace,
    syncs,
    run,
    // Found out once: it takes a look at every descriptor of every process.
    holders: (inode) => {
      holders ??= socketHolders();
      return holders.get(inode) ?? [];
    },
  };
}

function ownAddresses(): string[] {
  const passing = passingAddresses();
  return Object.values(networkInterfaces())
    .flat()
    .flatMap((one) => (one && !one.internal && !/^fe[89ab]/i.test(one.address) ? [one.address] : []))
    .filter((address) => !passing.has(address));
}

/** IPv6 addresses that are given up again: temporary and deprecated ones (IFA_F_TEMPORARY, IFA_F_DEPRECATED). */
function passingAddresses(): ReadonlySet<string> {
  const lines = textNow('/proc/net/if_inet6').split('\n');
  const passing = lines.flatMap((line) => {
    const [hex = '', , , , flags = '0'] = line.trim().split(/ +/);
    if ((Number.parseInt(flags, 16) & 0x21) === 0) return [];
    return hex.length === 32 ? [ipv6Text(hex)] : [];
  });
  return new Set(passing);
}

async function look(path: string): Promise<Looked | undefined> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats) return undefined;
  const kind = stats.isFile()
    ? 'file'
    : stats.isDirectory()
      ? 'folder'
      : stats.isSocket()
        ? 'socket'
        : 'other';
  return { kind, mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid };
}

function syncs(folder: string): readonly number[] | string {
  let made: string | undefined;
  let fd: number | undefined;
  try {
    made = mkdtempSync(join(folder, '.doctor-'));
    fd = openSync(join(made, 'sync'), 'wx', 0o600);
    // Without a name from here on: whatever ends this process, nothing is left.
    rmSync(made, { recursive: true });
    const block = Buffer.alloc(syncOctets);
    const times: number[] = [];
    for (let count = 0; count < syncCount; count++) {
      writeSync(fd, block);
      const begun = performance.now();
      fdatasyncSync(fd);
      times.push(performance.now() - begun);
    }
    return times;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  } finally {
    if (fd !== undefined) closeSync(fd);
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
  }
}

function run(program: string, ...words: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = { encoding: 'utf8', timeout: 2000, env: { ...process.env, LC_ALL: 'C' } } as const;
    execFile(program, [...words], options, (error, stdout) => resolve(error ? undefined : stdout));
  });
}

/** All sockets of all processes that this user may see, by inode. */
function socketHolders(): ReadonlyMap<string, readonly Holder[]> {
  const found = new Map<string, Holder[]>();
  for (const pid of namesIn('/proc').filter((name) => /^\d+$/.test(name)))
    for (const fd of namesIn(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkAt(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode === undefined) continue;
      const others = found.get(inode) ?? [];
      if (!others.some((other) => other.pid === Number(pid)))
        found.set(inode, [...others, { pid: Number(pid), name: nameOf(pid) }]);
    }
  return found;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkAt(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function nameOf(pid: string): string {
  return textNow(`/proc/${pid}/comm`).trimEnd();
}

function textNow(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** What npm could not compile shows only when it is used. */
async function sqliteFault(): Promise<string | undefined> {
  try {
    const { Sqlite } = await import('../../sqlite/sqlite.js');
    new Sqlite(':memory:').close();
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
}
