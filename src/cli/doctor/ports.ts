/** Ports: whether those that the server is to have are free, and who has the others that are for mail. */
import { Problem } from '../../core/errors.js';
import { parseListen, showEndpoint } from '../server/listen-words.js';
import { shownWords } from '../terminal/shell-word.js';
import { bad, type Finding, ok, unseen, warning } from './finding.js';
import type { Machine } from './machine.js';
import { type Listening, listeningSockets } from './sockets.js';

const about = 'ports';
const forMail = [24, 25, 465, 587] as const;
const everywhere = new Set(['0.0.0.0', '::']);

interface Wanted {
  readonly host: string;
  readonly port: number;
  readonly shown: string;
}

/** `listen`: what the server is told. `server`: its process, if it runs. */
export async function portFindings(
  machine: Machine,
  listen: readonly string[],
  server: number | undefined,
): Promise<Finding[]> {
  const all = await listeningSockets(machine);
  if (!all) return [unseen(about, 'this system does not show who listens where')];
  const wanted = listen.flatMap(tcpOf);
  const found: Finding[] = [];
  for (const one of wanted) found.push(...(await wantedFindings(machine, all, one, server)));
  const others = forMail.filter((port) => !wanted.some((one) => one.port === port));
  const told: string[] = [];
  for (const port of others) {
    const there = all.find((one) => one.port === port);
    told.push(`${port} ${there ? `taken by ${(await whoHas(machine, there)).shown}` : 'free'}`);
  }
  return [...found, ok(about, `other ports for mail: ${told.join(', ')}`)];
}

/** What is passed by systemd, or is no TCP, is in nobody's way. */
function tcpOf(text: string): Wanted[] {
  if (/(^|:\/\/)systemd(:|$)/.test(text)) return [];
  try {
    return parseListen(text, []).flatMap(({ address }) =>
      'host' in address && address.port !== 0
        ? [{ host: address.host, port: address.port, shown: showEndpoint(address) }]
        : [],
    );
  } catch (error) {
    // Whoever reads the configuration has said so.
    if (error instanceof Problem) return [];
    throw error;
  }
}

async function wantedFindings(
  machine: Machine,
  all: readonly Listening[],
  { host, port, shown }: Wanted,
  server: number | undefined,
): Promise<Finding[]> {
  const there = all.filter(
    (one) =>
      one.port === port &&
      (one.host === host || everywhere.has(one.host) || everywhere.has(host) || /[a-z]/i.test(host)),
  );
  const [first] = there;
  if (first) {
    for (const one of there) {
      const { pids } = await whoHas(machine, one);
      if (server !== undefined && pids.includes(server))
        return [ok(about, `${shown}: the server listens there`)];
    }
    const { shown: who, stop } = await whoHas(machine, first);
    return [bad(about, `${shown}: taken by ${who}`, ...stop)];
  }
  if (server !== undefined)
    return [
      warning(
        about,
        `${shown}: nobody listens there, although a server runs; it was told something else`,
        'systemctl restart obalka',
      ),
    ];
  const lowest = Number((await machine.text('/proc/sys/net/ipv4/ip_unprivileged_port_start')) ?? 1024);
  if (port < lowest && machine.user !== 0)
    return [
      warning(
        about,
        `${shown}: free, but only root or systemd may listen there`,
        'sudo obalka service --to /etc',
      ),
    ];
  return [ok(about, `${shown}: free`)];
}

async function whoHas(
  machine: Machine,
  { inode, uid }: Listening,
): Promise<{ shown: string; pids: readonly number[]; stop: readonly string[] }> {
  const holders = machine.holders(inode);
  const pids = holders.map(({ pid }) => pid);
  // systemd holds the sockets of a service beside it.
  const holder = holders.find(({ pid }) => pid !== 1) ?? holders[0];
  if (!holder) return { shown: `a process of user ${uid}`, pids, stop: ['sudo obalka doctor'] };
  const group = (await machine.text(`/proc/${holder.pid}/cgroup`)) ?? '';
  const unit = /\/([^/\n]+\.service)(?:\/|$)/m.exec(group)?.[1];
  return {
    shown: `${holder.name || 'a program'} (process ${holder.pid})`,
    pids,
    stop: [
      holder.pid === 1
        ? 'systemctl list-sockets'
        : unit === undefined
          ? shownWords('kill', String(holder.pid))
          : shownWords('systemctl', 'disable', '--now', unit),
    ],
  };
}
