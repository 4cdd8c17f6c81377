/** DNS server on loopback: answers what the lines of a zone say, as a resolver would that has looked it up. */
import { createSocket, type RemoteInfo } from 'node:dgram';

export interface DnsServer {
  /** "127.0.0.1:5353" */
  readonly address: string;
  /** "example.org MX", in the order in which they came. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export interface DnsOptions {
  /** Says that signatures were verified. */
  readonly isVerified?: boolean;
  /** Names that get an error, and those that get no answer. */
  readonly failing?: readonly string[];
  readonly silent?: readonly string[];
}

const types: Readonly<Record<string, number>> = {
  A: 1,
  CNAME: 5,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  TLSA: 52,
};

interface Line {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

/** Serves these lines, comments and empty lines left out. */
export async function dnsServer(lines: readonly string[], options: DnsOptions = {}): Promise<DnsServer> {
  const zone = lines.flatMap((line): Line[] => {
    const [, name, type, value] = /^(\S+)\. \d+ IN (\w+) (.*)$/.exec(line) ?? [];
    return name === undefined || type === undefined || value === undefined ? [] : [{ name, type, value }];
  });
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    const answer = answerTo(message, zone, options, asked);
    if (answer) send(answer, from);
  });
  const send = (answer: Buffer, { port, address }: RemoteInfo) => socket.send(answer, port, address);
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    close: () => new Promise((done) => socket.close(done)),
  };
}

function answerTo(
  message: Buffer,
  zone: readonly Line[],
  { isVerified = false, failing = [], silent = [] }: DnsOptions,
  asked: string[],
): Buffer | undefined {
  const { name, end } = readName(message, 12);
  const number = message.readUInt16BE(end);
  const type = Object.keys(types).find((one) => types[one] === number) ?? String(number);
  asked.push(`${name} ${type}`);
  if (silent.includes(name)) return undefined;
  const found = failing.includes(name) ? [] : follow(zone, name, type);
  const isThere = zone.some((line) => line.name === name);
  const code = failing.includes(name) ? 2 : isThere ? 0 : 3;
  const header = Buffer.alloc(12);
  message.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | (isVerified ? 0x20 : 0) | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(found.length, 6);
  return Buffer.concat([header, message.subarray(12, end + 4), ...found.map(recordOf)]);
}

/** What a name has of a type, or what the name has for which it is another. */
function follow(zone: readonly Line[], name: string, type: string): Line[] {
  const own = zone.filter((line) => line.name === name);
  const alias = own.find((line) => line.type === 'CNAME');
  if (alias && type !== 'CNAME') return [alias, ...follow(zone, alias.value.replace(/\.$/, ''), type)];
  return own.filter((line) => line.type === type);
}

function recordOf({ name, type, value }: Line): Buffer {
  const data = dataOf(type, value);
  const fields = Buffer.alloc(10);
  fields.writeUInt16BE(types[type] ?? 0, 0);
  fields.writeUInt16BE(1, 2);
  fields.writeUInt32BE(60, 4);
  fields.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameOctets(name), fields, data]);
}

function dataOf(type: string, value: string): Buffer {
  const words = value.split(' ');
  switch (type) {
    case 'A':
      return Buffer.from(value.split('.').map(Number));
    case 'AAAA': {
      const [head = '', tail = ''] = value.split('::');
      const groups = (part: string) =>
        part === '' ? [] : part.split(':').map((one) => Number.parseInt(one, 16));
      const between = new Array<number>(8 - groups(head).length - groups(tail).length).fill(0);
      return Buffer.from(
        [...groups(head), ...between, ...groups(tail)].flatMap((one) => [one >> 8, one & 0xff]),
      );
    }
    case 'MX':
      return Buffer.concat([Buffer.from([0, Number(words[0])]), nameOctets(words[1] ?? '')]);
    case 'TXT': {
      const text = Buffer.from(value.slice(1, -1));
      return Buffer.concat([Buffer.from([text.length]), text]);
    }
    case 'TLSA':
      return Buffer.concat([Buffer.from(words.slice(0, 3).map(Number)), Buffer.from(words[3] ?? '', 'hex')]);
    default:
      return nameOctets(value);
  }
}

function nameOctets(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]),
    Buffer.from([0]),
  ]);
}

function readName(message: Buffer, from: number): { name: string; end: number } {
  const labels: string[] = [];
  let at = from;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}
