/** Units: starts the service that `obalka service --to /etc` wrote on a machine, as far as that goes without systemd. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../support/free-port.js';
import type { Server } from '../support/server.js';
import { assert } from '../support/suite.js';
import { type Machine, until } from './machine.js';

/** A unit with what was added to it by hand: name of a setting → its values. */
function unitOf(machine: Machine, name: string): Map<string, string[]> {
  const file = machine.path(join('/etc/systemd/system', name));
  const more = existsSync(`${file}.d`) ? readdirSync(`${file}.d`).map((one) => join(`${file}.d`, one)) : [];
  const settings = new Map<string, string[]>();
  for (const text of [file, ...more].map((one) => readFileSync(one, 'utf8')))
    for (const [, key = '', value = ''] of text.matchAll(/^([A-Z]\w+)=(.*)$/gm))
      settings.set(key, [...(settings.get(key) ?? []), value]);
  return settings;
}

interface Socket {
  readonly name: string;
  /** What systemd-socket-activate listens on: paths, ports of this machine. */
  readonly listen: readonly string[];
  readonly mode: string | undefined;
  readonly group: string | undefined;
}

async function socketOf(machine: Machine, unit: string): Promise<Socket> {
  const of = unitOf(machine, unit);
  const listen: string[] = [];
  for (const stream of of.get('ListenStream') ?? [])
    if (stream.startsWith('/')) listen.push(machine.within(stream));
    // A port that others may have is any, here, unless the guide's test has given it another already.
    else listen.push(/^(25|465|127\.0\.0\.1:9465)$/.test(stream) ? `127.0.0.1:${await freePort()}` : stream);
  return {
    name: of.get('FileDescriptorName')?.at(-1) ?? '',
    listen,
    mode: of.get('SocketMode')?.at(-1),
    group: of.get('SocketGroup')?.at(-1),
  };
}

/** Lays out what LoadCredential= names, where it is there; the folder for it. */
function credentials(machine: Machine, service: ReadonlyMap<string, readonly string[]>): string {
  const folder = machine.path('/run/credentials/obalka.service');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const line of service.get('LoadCredential') ?? []) {
    const [name = '', from = ''] = line.split(':');
    const file = from.startsWith('/') ? machine.within(from) : machine.path(`/etc/credstore/${from}`);
    if (existsSync(file)) copyFileSync(file, join(folder, name));
  }
  return folder;
}

export interface Service {
  readonly server: Server;
  /** Of the first socket: `127.0.0.1:PORT`, or a path. */
  readonly address: string;
}

/** What `systemctl enable --now` does with these units, the service among them. */
export async function startService(machine: Machine, units: readonly string[]): Promise<Service> {
  assert.ok(units.includes('obalka.service'), 'nobody starts the service');
  const service = unitOf(machine, 'obalka.service');
  const sockets = await Promise.all(
    units.filter((unit) => unit.endsWith('.socket')).map((unit) => socketOf(machine, unit)),
  );
  const variables = {
    OBALKA_DATA: machine.path('/var/lib/obalka'),
    OBALKA_CONFIG: machine.configuration(),
    CREDENTIALS_DIRECTORY: credentials(machine, service),
  };
  assert.equal(service.get('Environment'), ['OBALKA_DATA=/var/lib/obalka', 'XDG_CONFIG_HOME=/etc']);
  for (const command of service.get('ExecStartPre') ?? []) {
    const { code, stderr } = await machine.made.exec('sh', ['-c', command.replace(/^-/, '')], variables);
    assert.is(code, 0, stderr);
  }
  const all = sockets.flatMap(({ name, listen }) => listen.map((address) => ({ name, address })));
  const words = [
    ...all.flatMap(({ address }) => ['-l', address]),
    `--fdname=${all.map(({ name }) => name).join(':')}`,
    ...Object.entries(variables).flatMap(([name, value]) => ['-E', `${name}=${value}`]),
    service.get('ExecStart')?.at(-1),
  ];
  const server = machine.made.startShell(`exec systemd-socket-activate ${words.join(' ')}`);
  await until(() => server.stderr.split('Listening on').length > all.length);
  for (const { listen, mode, group } of sockets)
    for (const path of listen.filter((one) => one.startsWith('/'))) {
      if (mode) await machine.made.exec('/bin/chmod', [mode, path]);
      if (group) assert.is((await machine.made.exec('/bin/chgrp', [group, path])).code, 0, group);
    }
  // The service is enabled too: it starts at once, and not with the first client.
  const address = all[0]?.address ?? '';
  const wake = address.startsWith('/')
    ? connect(address)
    : connect(Number(address.split(':')[1]), '127.0.0.1');
  wake.on('error', () => undefined).end('QUIT\r\n');
  wake.resume();
  await server.listening(all.length);
  return { server, address };
}
