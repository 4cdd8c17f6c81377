/** DANE: asks a resolver for TLSA records (RFC 6698) and whether it has verified their signatures; Node has no way of its own. */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';

export interface TlsaRecord {
  readonly usage: number;
  readonly selector: number;
  readonly matching: number;
  /** In hexadecimal. */
  readonly data: string;
}

/** `isVerified`: the resolver says so (AD, RFC 4035 section 3.2.3). A resolver elsewhere is believed as far as its network is. */
export type KeyAnswer =
  | { readonly kind: 'found'; readonly records: readonly TlsaRecord[]; readonly isVerified: boolean }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly why: string };

const tlsaType = 52;
const optType = 41;
const againMilliseconds = 1500;

/** Asks by UDP, and again what got no answer. `server`: "192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:53". */
export function askKeys(name: string, server: string | undefined, milliseconds: number): Promise<KeyAnswer> {
  const { host, port } = endpoint(server ?? '127.0.0.1');
  const id = randomInt(0x10000);
  const asked = question(id, name);
  return new Promise((resolve) => {
    const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
    let isOver = false;
    const end = (answer: KeyAnswer) => {
      if (isOver) return;
      isOver = true;
      clearInterval(again);
      clearTimeout(late);
      socket.close();
      resolve(answer);
    };
    const again = setInterval(() => send(), againMilliseconds);
    const late = setTimeout(() => end({ kind: 'failed', why: 'ETIMEOUT' }), milliseconds);
    // Connected: what comes from others is no answer, and a port that nobody has is told at once.
    const send = () => socket.send(asked, () => {});
    socket.on('error', (error: NodeJS.ErrnoException) => end({ kind: 'failed', why: String(error.code) }));
    socket.on('message', (message) => {
      const answer = readAnswer(message, asked);
      if (answer) end(answer);
    });
    socket.on('connect', send);
    socket.connect(port, host);
  });
}

function endpoint(server: string): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(server) ?? [];
  // An IPv6 address alone has no brackets.
  return { host: bracketed ?? plain ?? server, port: Number(port ?? 53) };
}

/** Recursion is wanted, and to hear of signatures (AD, RFC 6840 section 5.7); answers of 1232 octets fit (EDNS, RFC 6891). */
function question(id: number, name: string): Buffer {
  const labels = name.replace(/\.$/, '').split('.');
  const octets = labels.flatMap((label) => [label.length, ...Buffer.from(label, 'latin1')]);
  return Buffer.from([
    ...[id >> 8, id & 0xff, 0x01, 0x20, 0, 1, 0, 0, 0, 0, 0, 1],
    ...octets,
    ...[0, 0, tlsaType, 0, 1],
    ...[0, 0, optType, 1232 >> 8, 1232 & 0xff, 0, 0, 0, 0, 0, 0],
  ]);
}

/** Undefined for what is no answer to this question. */
function readAnswer(message: Buffer, asked: Buffer): KeyAnswer | undefined {
  try {
    return parse(message, asked);
  } catch (error) {
    if (error instanceof RangeError) return { kind: 'failed', why: 'EBADRESP' };
    throw error;
  }
}

function parse(message: Buffer, asked: Buffer): KeyAnswer | undefined {
  if (message.length < 12 || message.readUInt16BE(0) !== asked.readUInt16BE(0)) return undefined;
  const [high, low] = [message.readUInt8(2), message.readUInt8(3)];
  if ((high & 0x80) === 0) return undefined;
  if ((high & 0x02) !== 0) return { kind: 'failed', why: 'ETRUNCATED' };
  const code = low & 0x0f;
  if (code === 3) return { kind: 'none' };
  if (code !== 0) return { kind: 'failed', why: code === 2 ? 'ESERVFAIL' : `ERCODE${code}` };
  let at = 12;
  for (let count = message.readUInt16BE(4); count > 0; count--) at = behindName(message, at) + 4;
  const records: TlsaRecord[] = [];
  for (let count = message.readUInt16BE(6); count > 0; count--) {
    at = behindName(message, at);
    const type = message.readUInt16BE(at);
    const length = message.readUInt16BE(at + 8);
    const data = message.subarray(at + 10, at + 10 + length);
    if (data.length < length) throw new RangeError('cut off');
    if (type === tlsaType && length > 3)
      records.push({
        usage: data.readUInt8(0),
        selector: data.readUInt8(1),
        matching: data.readUInt8(2),
        data: data.toString('hex', 3),
      });
    at += 10 + length;
  }
  return records.length > 0 ? { kind: 'found', records, isVerified: (low & 0x20) !== 0 } : { kind: 'none' };
}

/** The place behind a name, which ends with an empty label or a pointer. */
function behindName(message: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const length = message.readUInt8(at);
    if (length >= 0xc0) return at + 2;
    if (length === 0) return at + 1;
    at += length + 1;
  }
}
