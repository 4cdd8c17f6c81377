/** Telling numbers: the time and the size of a mail, as a program would write them down. */
import { type Pattern, shortestPattern } from '../support/disguises.js';

/** Forms of a moment, in milliseconds since 1970. Short ones are for places where no octets of chance stand. */
export function formsOfTime(milliseconds: number): Pattern[] {
  const date = new Date(milliseconds);
  const seconds = Math.floor(milliseconds / 1000);
  return [
    ...formsOfNumber('milliseconds', milliseconds),
    ...formsOfNumber('seconds', seconds),
    ...texts('time', date.toISOString(), date.toISOString().slice(0, 19), date.toISOString().slice(0, 10)),
    ...texts('time', date.toUTCString(), date.toUTCString().slice(5, 16), date.toISOString().slice(11, 19)),
    ...texts(
      'time',
      date.toISOString().slice(0, 19).replace('T', ' '),
      date.toISOString().replace(/\D/g, '').slice(0, 14),
    ),
    ...texts('time in hex', milliseconds.toString(16), seconds.toString(16)),
  ];
}

/** Decimal, and binary of four and eight octets and as a double, each in both orders. */
export function formsOfNumber(what: string, value: number): Pattern[] {
  const [whole, double, small] = [Buffer.alloc(8), Buffer.alloc(8), Buffer.alloc(4)];
  whole.writeBigUInt64BE(BigInt(value));
  double.writeDoubleBE(value);
  if (value < 2 ** 32) small.writeUInt32BE(value);
  const both = (name: string, bytes: Buffer) => [
    { name: `${what} ${value} as ${name}`, bytes },
    { name: `${what} ${value} as ${name}, little end first`, bytes: Buffer.from(bytes).reverse() },
  ];
  return [
    ...texts(what, String(value)),
    ...both('eight octets', whole),
    ...both('a double', double),
    ...(value < 2 ** 32 ? both('four octets', small) : []),
  ];
}

function texts(what: string, ...all: readonly string[]): Pattern[] {
  return all
    .filter(({ length }) => length >= 4)
    .map((text) => ({ name: `${what} as ${text}`, bytes: Buffer.from(text) }));
}

/** Those that do not come up in megabytes of random octets. */
export function longEnough(patterns: readonly Pattern[]): Pattern[] {
  return patterns.filter(({ bytes }) => bytes.length >= shortestPattern);
}
