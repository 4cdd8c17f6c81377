/** Findings about a machine: each fault is found, is said as what it is, and comes with the line that mends it. */
import { clockFindings } from '../../../src/cli/doctor/clock.js';
import { descriptorFindings } from '../../../src/cli/doctor/descriptors.js';
import { diskFindings } from '../../../src/cli/doctor/disk.js';
import type { Finding } from '../../../src/cli/doctor/finding.js';
import type { Machine } from '../../../src/cli/doctor/machine.js';
import { memoryFindings } from '../../../src/cli/doctor/memory.js';
import { portFindings } from '../../../src/cli/doctor/ports.js';
import { runtimeFindings } from '../../../src/cli/doctor/runtime.js';
import { holderOf } from '../../../src/cli/doctor/sockets.js';
import { fakeMachine, limits, mountinfo, type Told } from '../../support/fake-machine.js';
import { assert, suite } from '../../support/suite.js';

const data = '/var/lib/obalka';
const unit = '/etc/systemd/system/obalka.service';
const swaps = (...paths: readonly string[]) =>
  ['Filename\tType\tSize\tUsed\tPriority', ...paths.map((path) => `${path}   partition\t8\t0\t-2`), ''].join(
    '\n',
  );

/** A socket that listens, as /proc/net/tcp shows it. */
const listening = (local: string, inode: number, uid = 0) =>
  `   0: ${local} 00000000:0000 0A 00000000:00000000 00:00000000 00000000  ${uid}        0 ${inode} 1 0000 100 0 0 10 0\n`;

const descriptors = (machine: Machine) => descriptorFindings(machine, undefined, 2000);
const memory = (machine: Machine) => memoryFindings(machine, undefined);
const disk = (machine: Machine) => diskFindings(machine, data, undefined);
const ports = (machine: Machine) => portFindings(machine, ['0.0.0.0:25', 'lmtp://unix:/run/x'], undefined);
const runtime = runtimeFindings;

type Look = (machine: Machine) => Promise<Finding[]>;

/** What is looked at, what is told of the machine, how that is to be found, and what the finding or its line says. */
const cases: readonly (readonly [Look, Told, Finding['level'], RegExp])[] = [
  [
    descriptors,
    { files: { '/proc/self/limits': limits('100', '0') } },
    'bad',
    /too few .*\| ulimit -n 2392$/,
  ],
  [
    descriptors,
    { files: { '/proc/self/limits': limits('1024', '0') } },
    'warning',
    /756 connections of 2000/,
  ],
  [
    descriptors,
    { files: { '/proc/self/limits': limits('1024', '0'), [unit]: 'LimitNOFILE=65536\n' } },
    'ok',
    /the service may open 65536/,
  ],
  [descriptors, { files: { '/proc/self/limits': limits('unlimited', '0') } }, 'ok', /2000 connections/],
  [descriptors, { text: async () => undefined }, 'unseen', /does not show/],
  [
    memory,
    { files: { '/proc/self/limits': limits('9', 'unlimited') } },
    'warning',
    /\(core\).*\| ulimit -c 0$/,
  ],
  [
    memory,
    { files: { '/proc/self/limits': limits('9', 'unlimited'), [unit]: 'LimitCORE=0\n' } },
    'ok',
    /the service/,
  ],
  [
    memory,
    { files: { '/proc/sys/kernel/core_pattern': '|/usr/share/apport/apport -p%p' } },
    'warning',
    /to \/usr\/share\/apport\/apport, whatever/,
  ],
  [
    memory,
    { files: { '/proc/sys/kernel/core_pattern': '|/usr/lib/systemd/systemd-coredump %P' } },
    'ok',
    /core dumps/,
  ],
  [
    memory,
    { files: { '/proc/swaps': swaps('/dev/sda3') } },
    'warning',
    /\/dev\/sda3 is not encrypted.*\| swapoff \/dev\/sda3/,
  ],
  [
    memory,
    { files: { '/proc/swaps': swaps('/dev/sda3'), [unit]: 'MemorySwapMax=0\n' } },
    'ok',
    /swap: the server is kept out/,
  ],
  [
    memory,
    { files: { '/proc/swaps': swaps('/dev/zram0') } },
    'ok',
    /swap: it is encrypted, or stays in memory/,
  ],
  [
    memory,
    { files: { '/proc/swaps': swaps('/dev/dm-1'), '/sys/class/block/dm-1/dm/uuid': 'CRYPT-PLAIN-x' } },
    'ok',
    /swap: it is encrypted/,
  ],
  // A logical volume on an encrypted disk, a file on it, and a volume on an open one.
  [
    memory,
    {
      files: {
        '/proc/swaps': swaps('/dev/dm-1'),
        '/sys/class/block/dm-1/dm/uuid': 'LVM-x',
        '/sys/class/block/dm-1/slaves/dm-0': '',
        '/sys/class/block/dm-0/dm/uuid': 'CRYPT-LUKS2-x',
      },
    },
    'ok',
    /swap: it is encrypted/,
  ],
  [
    memory,
    {
      files: {
        '/proc/swaps': swaps('/swap'),
        '/proc/self/mountinfo': mountinfo(['/', 'ext4', '/dev/dm-0']),
        '/sys/class/block/dm-0/dm/uuid': 'CRYPT-LUKS2-x',
      },
    },
    'ok',
    /swap: it is encrypted/,
  ],
  [
    memory,
    {
      files: {
        '/proc/swaps': swaps('/dev/dm-1'),
        '/sys/class/block/dm-1/dm/uuid': 'LVM-x',
        '/sys/class/block/dm-1/slaves/sda3': '',
      },
    },
    'warning',
    /dm-1 is not encrypted/,
  ],
  [
    disk,
    {
      files: {
        '/proc/self/mountinfo': mountinfo(['/', 'ext4', '/dev/sda2'], ['/var/lib', 'tmpfs', 'tmpfs']),
      },
    },
    'bad',
    /on tmpfs, which is in memory/,
  ],
  [
    disk,
    {
      files: { '/proc/self/mountinfo': mountinfo(['/', 'ext4', '/dev/sda2'], ['/var/li', 'tmpfs', 'tmpfs']) },
    },
    'ok',
    /on ext4/,
  ],
  [
    disk,
    { files: { '/proc/self/mountinfo': mountinfo(['/', 'ext4', '/dev/sda2', 'rw,nobarrier']) } },
    'bad',
    /without barriers.*remount,barrier=1 \/$/,
  ],
  [
    disk,
    { files: { '/proc/self/mountinfo': mountinfo(['/', 'ext4', '/dev/sda2', 'ro']) } },
    'bad',
    /for reading only/,
  ],
  [
    disk,
    { files: { '/proc/self/mountinfo': mountinfo(['/', 'ext4', '/dev/sda2']).replace(',relatime', '') } },
    'warning',
    /strictatime.*\| mount -o remount,noatime \/$/,
  ],
  [
    disk,
    { files: { '/proc/self/mountinfo': mountinfo(['/', 'overlay', 'overlay']) } },
    'warning',
    /layer of a container/,
  ],
  [
    disk,
    { files: { '/proc/self/mountinfo': mountinfo(['/', 'nfs4', 'server:/x']) } },
    'warning',
    /another machine/,
  ],
  [
    disk,
    { files: { '/proc/self/mountinfo': mountinfo(['/', 'vfat', '/dev/sdb1']) } },
    'bad',
    /no permissions/,
  ],
  [disk, { space: () => ({ free: 2 ** 20, total: 2 ** 40 }) }, 'bad', /1\.0M of 1024G are free.*452/],
  [disk, { space: () => ({ free: 2 ** 28, total: 2 ** 40 }) }, 'warning', /put off below 64M/],
  [disk, { syncs: () => [0.002, 0.001, 9] }, 'warning', /0\.002 ms, sooner than any disk/],
  [disk, { syncs: () => [150, 250, 350] }, 'warning', /250\.0 ms: senders wait/],
  [disk, { syncs: () => 'EACCES' }, 'unseen', /not measured.*EACCES/],
  [disk, { preloaded: '/usr/lib/libeatmydata.so' }, 'bad', /promises nothing.*unset LD_PRELOAD/],
  [clockFindings, { now: Date.UTC(1970, 0, 1) }, 'bad', /1970-01-01/],
  [clockFindings, { now: Date.UTC(2099, 0, 1) }, 'bad', /2099-01-01/],
  [clockFindings, { run: async () => 'no\n' }, 'warning', /nothing sets it.*\| timedatectl set-ntp true$/],
  [clockFindings, { run: async () => undefined }, 'unseen', /cannot be seen/],
  [runtime, { nodeVersion: '20.11.0' }, 'bad', /at least 20\.12/],
  [runtime, { nodeVersion: '20.20.0' }, 'warning', /no repairs since 2026-04-30/],
  [runtime, { nodeVersion: '22.20.0' }, 'ok', /until 2027-04-30/],
  [runtime, { sqliteFault: async () => 'no bindings' }, 'bad', /sqlite: no bindings.*\| apt-get install/],
  [
    ports,
    {
      files: { '/proc/net/tcp': listening('00000000:0019', 77) },
      held: { 77: [{ pid: 12, name: 'master' }] },
    },
    'bad',
    /0\.0\.0\.0:25: taken by master \(process 12\) \| kill 12$/,
  ],
  [
    ports,
    {
      files: {
        '/proc/net/tcp': listening('0100007F:0019', 77),
        '/proc/12/cgroup': '0::/system.slice/postfix.service\n',
      },
      held: { 77: [{ pid: 12, name: 'master' }] },
    },
    'bad',
    /systemctl disable --now postfix\.service$/,
  ],
  [
    ports,
    { files: { '/proc/net/tcp6': listening('00000000000000000000000000000000:0019', 77, 104) } },
    'bad',
    /taken by a process of user 104 \| sudo obalka doctor/,
  ],
  [
    ports,
    {
      files: { '/proc/net/tcp': listening('00000000:0019', 77) },
      held: { 77: [{ pid: 1, name: 'systemd' }] },
    },
    'bad',
    /taken by systemd.*\| systemctl list-sockets$/,
  ],
  [
    ports,
    { files: { '/proc/net/tcp': listening('0100007F:01D1', 8) } },
    'ok',
    /24 free, 465 taken by a process of user 0, 587 free/,
  ],
  [
    ports,
    { files: { '/proc/net/tcp': listening('00000000:0019', 77).replace(' 0A ', ' 01 ') } },
    'ok',
    /0\.0\.0\.0:25: free/,
  ],
  [ports, { files: { '/proc/net/tcp': listening('00000000:001A', 77) } }, 'ok', /0\.0\.0\.0:25: free/],
  [ports, { user: 1000 }, 'warning', /only root or systemd.*obalka service/],
  [
    ports,
    { user: 1000, files: { '/proc/sys/net/ipv4/ip_unprivileged_port_start': '25\n' } },
    'ok',
    /0\.0\.0\.0:25: free/,
  ],
];

/** As one line, with what mends it behind. */
const shown = ({ about, seen, mend }: Finding) => [`${about}: ${seen}`, ...mend].join(' | ');

suite('findings about a machine', (test) => {
  test('something is wrong with a machine that is as it should be', async () => {
    for (const look of [descriptors, memory, disk, clockFindings, runtime, ports])
      for (const finding of await look(fakeMachine())) assert.is(finding.level, 'ok', shown(finding));
  });

  test('a fault is not found, or taken for another', async () => {
    for (const [look, told, level, pattern] of cases) {
      const found = await look(fakeMachine(told));
      const meant = found.filter((finding) => finding.level === level && pattern.test(shown(finding)));
      assert.is(
        meant.length,
        1,
        `${level} ${pattern}: ${found.map((one) => `${one.level} ${shown(one)}`).join('\n')}`,
      );
      // Nothing else is wrong with it, and whatever is wrong can be mended.
      for (const other of found) {
        assert.ok(other === meant[0] || other.level === 'ok', shown(other));
        assert.is(other.mend.length > 0, other.level === 'bad' || other.level === 'warning', shown(other));
      }
    }
  });

  test('the limits are those of the shell, although a server runs', async () => {
    const machine = fakeMachine({
      files: {
        '/proc/net/unix': `Num RefCount Protocol Flags Type St Inode Path\n0000: 00000002 00000000 00000000 0001 03 41 ${data}/control.sock\n0000: 00000002 00000000 00010000 0001 01 42 ${data}/control.sock\n`,
        '/proc/7/limits': limits('256', '0'),
        '/proc/7/cgroup': '0::/system.slice/obalka.service\n',
        '/sys/fs/cgroup/system.slice/obalka.service/memory.swap.max': '0\n',
        '/proc/swaps': swaps('/dev/sda3'),
        '/proc/net/tcp': listening('00000000:0019', 43),
      },
      held: {
        41: [{ pid: 8, name: 'node' }],
        42: [{ pid: 7, name: 'node' }],
        43: [{ pid: 7, name: 'node' }],
      },
    });
    const server = (await holderOf(machine, `${data}/control.sock`))?.pid;
    assert.is(server, 7);
    const [open] = await descriptorFindings(machine, server, 2000);
    assert.match(
      open ? shown(open) : '',
      /the server may open 256 files.*58 connections of 2000.*systemctl restart obalka/,
    );
    assert.equal(
      (await memoryFindings(machine, server)).map(({ level }) => level),
      ['ok', 'ok'],
    );
    const [own, other] = await portFindings(machine, ['0.0.0.0:25', '127.0.0.1:2525'], server);
    assert.match(own ? shown(own) : '', /25: the server listens there/);
    assert.match(other ? shown(other) : '', /2525: nobody listens there, although a server runs/);
  });
});
