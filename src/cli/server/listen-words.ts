/** Listen words: what --listen may say, and what the program says of a listener. */
import { Problem } from '../../core/errors.js';
import {
  type Endpoint,
  type ListenAddress,
  type ListenProtocol,
  maxSocketPathOctets,
} from '../../net/listener.js';
import type { PassedSocket } from './passed-sockets.js';

/** Who may connect to a unix socket: permissions, and names or numbers of an owner and a group. */
export interface SocketAccess {
  readonly mode?: number;
  readonly owner?: string;
  readonly group?: string;
}

export interface ListenWord {
  readonly address: ListenAddress;
  readonly access: SocketAccess;
}

const protocols: readonly ListenProtocol[] = ['smtp', 'smtps', 'lmtp'];

/** A passed socket of this name is for figures, and takes no mail. */
export const metricsName = 'metrics';

/**
 * Reads `[PROTOCOL://]WHERE`, WHERE being HOST:PORT, [IPV6]:PORT, unix:PATH[?mode=0660&owner=NAME&group=NAME], fd:N, or
 * systemd[:NAME] (all passed sockets, or those of that name). A passed socket that is named after a protocol speaks that
 * one, unless PROTOCOL is written. Throws a usage Problem.
 */
export function parseListen(text: string, passed: readonly PassedSocket[]): readonly ListenWord[] {
  const match = /^(?:([A-Za-z0-9+.-]*):\/\/)?(.*)$/s.exec(text);
  const scheme = match?.[1] ?? 'smtp';
  const where = match?.[2] ?? '';
  const protocol = protocols.find((one) => one === scheme);
  if (protocol === undefined)
    throw usage(text, `${scheme} is not offered; write smtp://, smtps:// or lmtp://, or none for smtp`);
  if (where.startsWith('unix:')) return [unixSocket(text, protocol, where.slice(5))];
  if (where === 'systemd' || where.startsWith('systemd:'))
    return passedSockets(text, match?.[1] === undefined ? undefined : protocol, where.slice(7), passed);
  const fd = /^fd:(\d{1,5})$/.exec(where)?.[1];
  if (fd !== undefined) return [{ address: { protocol, fd: Number(fd) }, access: {} }];
  const tcp = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/?]+)):(\d{1,5})$/.exec(where);
  const host = tcp?.[1] ?? tcp?.[2];
  const port = Number(tcp?.[3]);
  if (host === undefined || port > 65_535)
    throw usage(text, 'write HOST:PORT, such as 127.0.0.1:2525 or [::1]:2525, or unix:PATH');
  return [{ address: { protocol, host, port }, access: {} }];
}

/** Throws a usage Problem for what `parseListen` cannot read, whatever was passed. */
export function checkListen(text: string): void {
  parseListen(text, wanted(text));
}

/** The same of `parseMetricsListen`. */
export function checkMetricsListen(text: string): void {
  parseMetricsListen(text, wanted(text === 'systemd' ? `systemd:${metricsName}` : text));
}

/** A passed socket, as the text wants one. */
function wanted(text: string): readonly PassedSocket[] {
  return [{ fd: 3, name: /systemd:?(.*)$/s.exec(text)?.[1] ?? '' }];
}

/** What stands behind `listening`: "smtp 127.0.0.1:25". */
export function showListener(address: ListenAddress): string {
  return `${address.protocol ?? 'smtp'} ${showEndpoint(address)}`;
}

/** "127.0.0.1:25". */
export function showEndpoint(address: Endpoint): string {
  if ('fd' in address) return `fd:${address.fd}`;
  if ('path' in address) return `unix:${address.path}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}

/** Reads `HOST:PORT`, `unix:PATH…` or `systemd[:NAME]` of `--metrics`. Throws a usage Problem. */
export function parseMetricsListen(text: string, passed: readonly PassedSocket[]): ListenWord {
  const words = /:\/\//.test(text)
    ? []
    : parseListen(text === 'systemd' ? `systemd:${metricsName}` : text, passed);
  const [word, ...more] = words;
  if (!word || more.length > 0)
    throw new Problem('usage', `${text}: write HOST:PORT, unix:PATH or systemd, once`);
  return word;
}

function unixSocket(text: string, protocol: ListenProtocol, rest: string): ListenWord {
  const [path = '', query = ''] = splitAt(rest, rest.indexOf('?'));
  if (path === '') throw usage(text, 'write a path behind unix:');
  if (Buffer.byteLength(path) > maxSocketPathOctets)
    throw usage(text, `too long for a socket; write a path of at most ${maxSocketPathOctets} octets`);
  const access: { mode?: number; owner?: string; group?: string } = {};
  for (const word of query === '' ? [] : query.split('&')) {
    const [name, value = ''] = splitAt(word, word.indexOf('='));
    if (name === 'mode' && /^0?[0-7]{3}$/.test(value)) access.mode = Number.parseInt(value, 8);
    else if (name === 'owner' && value !== '') access.owner = value;
    else if (name === 'group' && value !== '') access.group = value;
    else throw usage(text, `${word}: write mode=0660, owner=NAME or group=NAME, joined by &`);
  }
  return { address: { protocol, path }, access };
}

function passedSockets(
  text: string,
  protocol: ListenProtocol | undefined,
  name: string,
  passed: readonly PassedSocket[],
): readonly ListenWord[] {
  const wanted =
    name === ''
      ? passed.filter((socket) => socket.name !== metricsName)
      : passed.filter((socket) => socket.name === name.slice(1));
  if (wanted.length === 0)
    throw usage(text, 'no such socket was passed to this process; start it by a systemd .socket unit');
  const spoken = (named: string) => protocol ?? protocols.find((one) => one === named) ?? 'smtp';
  return wanted.map(({ fd, name: named }) => ({ address: { protocol: spoken(named), fd }, access: {} }));
}

function splitAt(text: string, at: number): readonly [string, string] {
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function usage(text: string, what: string): Problem {
  return new Problem('usage', `${text}: ${what}`);
}
