import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { serviceManager } from '../../../src/cli/service/service-manager.js';
import { Wellness } from '../../../src/cli/service/watchdog.js';
import { setEnvironment } from '../../support/environment.js';
import { withFolder } from '../../support/folder.js';
import { command } from '../../support/in-process.js';
import { Installation, within } from '../../support/installation.js';
import { assert, skip, suite } from '../../support/suite.js';
import { until } from '../../support/until.js';

const well = { commits: 1, isCommitting: false };
const busy = { commits: 1, isCommitting: true };

suite('watchdog', (test) => {
  test('a server is taken for well whose worker is gone, or whose disk stands still; or for ill while it works', () => {
    const looks = (...pulses: Parameters<Wellness['look']>[0][]) => {
      const wellness = new Wellness();
      return pulses.map((pulse) => wellness.look(pulse));
    };
    assert.equal(looks([well], [well], [busy], [well]), [true, true, true, true]);
    assert.equal(looks([busy], [busy], [{ ...busy, commits: 2 }]), [true, false, true]);
    assert.equal(looks([well, busy], [well, busy]), [true, false]);
    assert.equal(looks([well, undefined], [well, well]), [false, true]);
    // Its successor begins to count anew.
    assert.equal(looks([busy], [undefined], [busy], [busy]), [true, false, true, false]);
  });
});

/** What systemd is at the other end of NOTIFY_SOCKET: each message a line; barriers are let go. */
const listener = `
import socket, sys, os
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(sys.argv[1])
os.write(1, b'bound\\n')
while True:
    text, fds, _, _ = socket.recv_fds(s, 4096, 4)
    for fd in fds: os.close(fd)
    if b'BARRIER' not in text: os.write(1, text.strip().replace(b'\\n', b' ') + b'\\n')
`;

suite('service manager', (test) => {
  test('somebody else is told, or its name is left to the processes that are started', async () => {
    const environment: NodeJS.ProcessEnv = { WATCHDOG_USEC: '1000000', PATH: '/nowhere' };
    assert.is(
      serviceManager(environment, 7, () => undefined),
      undefined,
    );
    const of = (more: NodeJS.ProcessEnv) =>
      serviceManager({ NOTIFY_SOCKET: '/x', ...more }, 7, () => undefined);
    assert.is(of({ WATCHDOG_USEC: '3000000', WATCHDOG_PID: '7' })?.watchdogMilliseconds, 3000);
    assert.is(of({ WATCHDOG_USEC: '3000000' })?.watchdogMilliseconds, 3000);
    for (const more of [{ WATCHDOG_USEC: '3000000', WATCHDOG_PID: '8' }, { WATCHDOG_USEC: '-1' }, {}])
      assert.is(of(more)?.watchdogMilliseconds, undefined);
    const named = { NOTIFY_SOCKET: '/x', WATCHDOG_USEC: '1', WATCHDOG_PID: '7', PATH: '/nowhere' };
    let faults = 0;
    const manager = serviceManager(named, 7, () => faults++);
    assert.equal(named, { PATH: '/nowhere' });
    await manager?.tell('READY=1');
    await manager?.tell('STOPPING=1');
    assert.is(faults, 1, 'said once');
  });

  const name =
    'systemd hears that all is well when it is not, or not when it is; or of a step too early, or never';
  if (spawnSync('systemd-notify', ['--version']).error || spawnSync('python3', ['--version']).error)
    skip(test, name, 'no systemd-notify, or no python3');
  else
    test(name, () =>
      within(Installation.with('ann@example.org'), async (made) => {
        const path = join(made.folder, 'notify');
        const heard: string[] = [];
        let stopped: number | undefined;
        const ears = spawn('python3', ['-c', listener, path], { stdio: ['ignore', 'pipe', 'inherit'] });
        ears.stdout.setEncoding('utf8').on('data', (text: string) => heard.push(...text.trim().split('\n')));
        const hears = (what: RegExp, from = 0) =>
          until(
            () => `${what} is not in ${heard.slice(from)}`,
            () => heard.slice(from).some((line) => what.test(line)),
          );
        try {
          await hears(/^bound$/);
          made.environment.NOTIFY_SOCKET = path;
          // Each process of the server finds the pepper that systemd hands over.
          made.environment.CREDENTIALS_DIRECTORY = join(made.folder, 'credentials');
          mkdirSync(made.environment.CREDENTIALS_DIRECTORY);
          renameSync(join(made.data, 'pepper'), join(made.environment.CREDENTIALS_DIRECTORY, 'pepper'));
          made.environment.WATCHDOG_USEC = '600000';
          const server = await made.serve('--workers', '2', '--metrics', '127.0.0.1:0');
          await hears(/^WATCHDOG=1$/);
          assert.is(heard[1], 'READY=1');
          // Who asks for figures hears of the same workers.
          const figures = /^figures (\S+)$/m.exec(server.stdout)?.[1];
          const shown = await (await fetch(`http://${figures}/metrics`)).text();
          assert.match(shown, /^obalka_workers 2$/m);
          const [worker] = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'latin1')
            .trim()
            .split(' ')
            .map(Number)
            .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('worker-process'));
          stopped = worker;
          process.kill(worker as number, 'SIGSTOP');
          // What was on its way still comes; then nothing, for as long as three looks take and more.
          let silent = -1;
          for (let waits = 0; silent !== heard.length; waits++) {
            assert.ok(waits < 20, 'a worker stands still, and systemd hears that all is well');
            silent = heard.length;
            await pause(900);
          }
          process.kill(worker as number, 'SIGCONT');
          stopped = undefined;
          await hears(/^WATCHDOG=1$/, silent);
          const before = heard.length;
          server.signal('SIGHUP');
          await hears(/^READY=1$/, before);
          const reload = heard.slice(before).filter((line) => !line.startsWith('WATCHDOG'));
          assert.match(reload.join(), /^RELOADING=1 MONOTONIC_USEC=\d+,READY=1$/, heard.join());
          const monotonic = Number(/USEC=(\d+)/.exec(reload[0] as string)?.[1]);
          assert.ok(
            Math.abs(Number(readFileSync('/proc/uptime', 'latin1').split('.')[0]) - monotonic / 1e6) < 60,
          );
          assert.is((await server.stop()).code, 0);
          await hears(/^STOPPING=1$/);
          assert.is(server.stderr, '');
        } finally {
          ears.kill('SIGKILL');
          if (stopped !== undefined) process.kill(stopped, 'SIGCONT');
        }
      }),
    );
});

suite('pepper elsewhere', (test) => {
  test('a pepper that systemd or an option hands over is not used, or one in the data directory besides', () =>
    withFolder(async (folder) => {
      const data = join(folder, 'data');
      const pepper = join(folder, 'pepper');
      const other = join(folder, 'other');
      for (const [path, octet] of [
        [pepper, '7e'],
        [other, '7f'],
      ] as const)
        writeFileSync(path, `${octet.repeat(32)}\n`, { mode: 0o600 });
      const before = { ...process.env };
      try {
        process.env.CREDENTIALS_DIRECTORY = folder;
        assert.is((await command('init', '--data', data)).code, 0);
        assert.not.ok(readdirSync(data).includes('pepper'));
        const asked = () => command('registered', 'ann@example.org', '--data', data);
        assert.is((await asked()).code, 3);
        process.env.OBALKA_PEPPER = other;
        assert.match((await asked()).stderr, /pepper/);
        assert.is((await command('init', '--data', data, '--pepper', pepper)).code, 0);
        process.env.OBALKA_PEPPER = '';
        process.env.CREDENTIALS_DIRECTORY = join(folder, 'nowhere');
        assert.match((await asked()).stderr, /data\/pepper: the pepper is gone/);
        process.env.OBALKA_PEPPER = pepper;
        assert.is((await asked()).code, 3);
        // As systemd shows a credential that an access list opens to the service; only root can make it.
        if (process.getuid?.() === 0) {
          chmodSync(pepper, 0o440);
          assert.is((await asked()).code, 3);
        }
        chmodSync(pepper, 0o444);
        assert.match((await asked()).stderr, /pepper: others can read the pepper/);
      } finally {
        setEnvironment(before);
      }
    }));
});
