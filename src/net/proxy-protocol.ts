/** PROXY protocol: the header by which a proxy says who the client is, versions 1 and 2 (haproxy's proxy-protocol.txt). */
import { isIPv4, isIPv6 } from 'node:net';
import { ipv6Text } from './ipv6.js';
import { plainAddress } from './networks.js';

/** Who connected to the proxy. */
export interface ProxiedClient {
  readonly address: string;
  readonly port: number;
}

/**
 * What the first octets of a connection turned out to be. `more`: they may become a header. `refused`: they are none,
 * or a broken one. `done`: `size` octets were the header, what follows is the client's. Without a `client` the proxy
 * speaks for itself (v2 LOCAL) or does not know (v1 UNKNOWN, other families): the connection's own address stands.
 */
export type ProxyHeader =
  | { readonly state: 'more' }
  | { readonly state: 'refused' }
  | { readonly state: 'done'; readonly size: number; readonly client?: ProxiedClient };

/** Section 2.1: a line of version 1 has at most 107 octets with its CRLF. */
const longestLine = 107;
const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const fixedSize = 16;
/** Addresses of the longest kind, and room for what comes after them, which is skipped. */
export const longestHeader = fixedSize + 4096;

const more = { state: 'more' } as const;
const refused = { state: 'refused' } as const;

/** Reads the header at the start of `bytes`: all octets of the connection so far, as long as the answer is `more`. */
export function readProxyHeader(bytes: Uint8Array): ProxyHeader {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (start.length === 0) return more;
  return start[0] === signature[0] ? readBinary(start) : readLine(start);
}

function readLine(start: Buffer): ProxyHeader {
  const opening = 'PROXY ';
  if (start.subarray(0, opening.length).compare(Buffer.from(opening.slice(0, start.length))) !== 0)
    return refused;
  const end = start.subarray(0, longestLine).indexOf('\r\n');
  if (end < 0)
    return start.length >= longestLine || /\r.|\n/s.test(start.toString('latin1')) ? refused : more;
  const size = end + 2;
  const line = start.toString('latin1', 0, end);
  if (/^PROXY UNKNOWN(?: [\x20-\x7e]*)?$/.test(line)) return { state: 'done', size };
  const match = /^PROXY TCP([46]) (\S+) (\S+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4})$/.exec(line);
  if (!match) return refused;
  const [, family, source = '', target = '', port = '', targetPort = ''] = match;
  const isAddress = family === '4' ? isIPv4 : isIPv6;
  const known = isAddress(source) && isAddress(target) && !source.includes('%') && !target.includes('%');
  if (!known || Number(port) > 65535 || Number(targetPort) > 65535) return refused;
  return { state: 'done', size, client: { address: plainAddress(source), port: Number(port) } };
}

function readBinary(start: Buffer): ProxyHeader {
  if (start.subarray(0, 12).compare(signature.subarray(0, Math.min(12, start.length))) !== 0) return refused;
  if (start.length < fixedSize) return more;
  const [command, family, length] = [start[12] as number, start[13] as number, start.readUInt16BE(14)];
  // 0x20 LOCAL, 0x21 PROXY; nothing else is defined.
  if ((command !== 0x20 && command !== 0x21) || fixedSize + length > longestHeader) return refused;
  const size = fixedSize + length;
  if (start.length < size) return more;
  if (command === 0x20) return { state: 'done', size };
  // 0x11: TCP over IPv4, 12 octets of addresses and ports; 0x21: over IPv6, 36.
  if (family === 0x11 && length >= 12)
    return {
      state: 'done',
      size,
      client: { address: start.subarray(16, 20).join('.'), port: start.readUInt16BE(24) },
    };
  if (family === 0x21 && length >= 36)
    return {
      state: 'done',
      size,
      client: { address: addressOf(start.subarray(16, 32)), port: start.readUInt16BE(48) },
    };
  // Datagrams and unix sockets bring no mail; a stream of addresses that is too short is broken.
  if (family === 0x11 || family === 0x21) return refused;
  return [0x00, 0x12, 0x22, 0x31, 0x32].includes(family) ? { state: 'done', size } : refused;
}

/** The shortest form; IPv4 that is mapped into IPv6 as IPv4. */
function addressOf(octets: Buffer): string {
  if (octets.subarray(0, 12).equals(Buffer.from('00000000000000000000ffff', 'hex')))
    return octets.subarray(12).join('.');
  return ipv6Text(octets.toString('hex'));
}
