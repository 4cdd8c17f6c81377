/** Examination: all that doctor looks at, one after the other. */
import { Problem } from '../../core/errors.js';
import { isHostname } from '../../core/hostname.js';
import type { Names } from '../../net/names.js';
import type { PolicyAnswer } from '../../net/sts-policy.js';
import type { Settled } from '../config/settings.js';
import type { DataDirectory } from '../data/data-directory.js';
import { findAccount } from '../server/accounts.js';
import { findCertificates } from './certificates.js';
import { clockFindings } from './clock.js';
import { descriptorFindings } from './descriptors.js';
import { diskFindings } from './disk.js';
import { domainFindings } from './domain.js';
import { serverNameFor } from './domain-name.js';
import { bad, type Finding, ok, warning } from './finding.js';
import { hasUnit } from './limits.js';
import type { Machine } from './machine.js';
import { memoryFindings } from './memory.js';
import { permissionFindings } from './permissions.js';
import { portFindings } from './ports.js';
import { runtimeFindings } from './runtime.js';
import { holderOf, listenedBy } from './sockets.js';

export interface Examination {
  readonly machine: Machine;
  readonly data: DataDirectory;
  readonly all: Settled;
  /** The path of the configuration. */
  readonly configuration: string | undefined;
  /** Whom to ask about a domain, if there is one. */
  readonly domain:
    | {
        readonly name: string;
        readonly names: Names;
        readonly fetch: (domain: string) => Promise<PolicyAnswer>;
      }
    | undefined;
}

export async function* examine({
  machine,
  data,
  all,
  configuration,
  domain,
}: Examination): AsyncGenerator<Finding> {
  const serverPid = (await holderOf(machine, data.control))?.pid;
  const hostname = all['serve.hostname'].value;
  const listen = await listenOf(machine, all, serverPid);
  const { account, findings } = serving(all['serve.user'].value);
  const connections = Math.ceil(all['serve.limits.connections'].value / all['serve.workers'].value);
  yield* await runtimeFindings(machine);
  yield* await clockFindings(machine);
  yield* await descriptorFindings(machine, serverPid, connections);
  yield* await memoryFindings(machine, serverPid);
  yield* await diskFindings(machine, data.path, all['serve.disk-reserve'].value);
  yield* findings;
  yield* await permissionFindings(machine, { data, serving: account, configuration });
  yield* await portFindings(machine, listen, serverPid);
  const files = all['serve.tls'].value === 'none' ? undefined : all['serve.certificates'].value;
  const { findings: ofTls, certificates } = files
    ? await findCertificates(machine, { files, data, hostname, isOpen: listen.some(isOpen) })
    : { findings: [], certificates: [] };
  if (listen.some(isOpen)) yield nameFinding(hostname);
  yield* ofTls;
  if (!domain) return;
  const { name, names, fetch } = domain;
  const server = { domain: name, hostname: serverNameFor(name, hostname), addresses: machine.addresses };
  yield* await domainFindings(names, { server, certificates, now: machine.now, fetch });
}

/** Where the server listens, or will. What nobody said is not what a service is told. */
async function listenOf(
  machine: Machine,
  all: Settled,
  serverPid: number | undefined,
): Promise<readonly string[]> {
  const { value, source } = all['serve.listen'];
  if (source.kind !== 'default') return value;
  if (serverPid !== undefined) return listenedBy(machine, serverPid);
  return (await hasUnit(machine)) ? ['systemd'] : value;
}

/** Whether others than programs of this machine may come there. */
function isOpen(address: string): boolean {
  return !/^lmtp:\/\/|^(\w+:\/\/)?(unix:|fd:|127\.|\[::1\]|localhost:)/.test(address);
}

function nameFinding(hostname: string): Finding {
  if (isHostname(hostname) && hostname.includes('.')) return ok('name', `the server is called ${hostname}`);
  const seen = `the server is called ${hostname}, which others cannot look up`;
  return warning('name', seen, 'obalka serve --hostname mx.example.org');
}

function serving(user: string | undefined): { account: number | undefined; findings: Finding[] } {
  if (user === undefined) return { account: undefined, findings: [] };
  try {
    return { account: findAccount(user).uid, findings: [] };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const [name = ''] = user.split(':');
    return {
      account: undefined,
      findings: [bad('owner', error.message, `useradd --system --home-dir /var/lib/obalka ${name}`)],
    };
  }
}
