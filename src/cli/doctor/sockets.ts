/** Sockets: who listens where, from what Linux shows of the network (proc(5), /proc/net). */

import { ipv6Text } from '../../net/ipv6.js';
import type { Holder, Machine } from './machine.js';

export interface Listening {
  /** As "0.0.0.0" or "::1". */
  readonly host: string;
  readonly port: number;
  readonly inode: string;
  /** The user who opened it. */
  readonly uid: number;
}

/** TCP sockets that listen; undefined where the system does not show them. */
export async function listeningSockets(machine: Machine): Promise<readonly Listening[] | undefined> {
  const four = await machine.text('/proc/net/tcp');
  const six = await machine.text('/proc/net/tcp6');
  if (four === undefined) return undefined;
  return [...four.split('\n'), ...(six ?? '').split('\n')].flatMap((line) => parse(line) ?? []);
}

/** The process that has a unix socket of this path open to listen; undefined if none has, or it cannot be seen. */
export async function holderOf(machine: Machine, path: string): Promise<Holder | undefined> {
  const text = (await machine.text('/proc/net/unix')) ?? '';
  for (const line of text.split('\n')) {
    const [, , , flags, , , inode, ...at] = line.split(/ +/);
    // Connections at it have the same path, and no such flag.
    if (inode === undefined || at.join(' ') !== path || flags !== '00010000') continue;
    const [first] = machine.holders(inode);
    if (first) return first;
  }
  return undefined;
}

/** Addresses at which a process listens, as `--listen` has them. */
export async function listenedBy(machine: Machine, pid: number): Promise<string[]> {
  const all = (await listeningSockets(machine)) ?? [];
  return all
    .filter(({ inode }) => machine.holders(inode).some((holder) => holder.pid === pid))
    .map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`);
}

function parse(line: string): Listening | undefined {
  const [, local = '', , state, , , , uid, , inode] = line.trim().split(/\s+/);
  const [host, port] = local.split(':');
  if (state !== '0A' || host === undefined || port === undefined || inode === undefined) return undefined;
  return { host: address(host), port: Number.parseInt(port, 16), inode, uid: Number(uid) };
}

/** Words of 32 bits, each in the order of the machine; those that Node runs on have the least octet first. */
function address(hex: string): string {
  const octets = [...hex.matchAll(/.{8}/g)].flatMap(([word]) =>
    (word.match(/../g) ?? []).reverse().map((octet) => Number.parseInt(octet, 16)),
  );
  if (octets.length === 4) return octets.join('.');
  return ipv6Text(Buffer.from(octets).toString('hex'));
}
