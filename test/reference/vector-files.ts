/** Vectors as spec/vectors/README.md describes them, read by the reference's own side. */
import { readdirSync, readFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { ascii, latin } from '../../tools/reference/bytes.js';

const folder = path(import.meta.dirname, '../../../spec/vectors');

/** A line `mail`: what a reader finds, and the content that was sealed. */
export type ExpectedMail = { id: string; state: string; truth: Uint8Array };

export type Vector = {
  expect: string;
  identities: string[];
  signers: string[];
  mails: ExpectedMail[];
  faults: string[];
  files: Record<string, Uint8Array>;
};

export function vectorNames(): string[] {
  return readdirSync(folder).flatMap((name) => /^(.+)\.vector$/.exec(name)?.[1] ?? []);
}

/** The content that was sealed: SIZE octets of it. */
function truthOf(size: number, subject: string): Uint8Array {
  const begin = `Subject: ${subject}\r\n\r\n`;
  const lines = Array.from({ length: Math.ceil(size / 10) }, (_, i) => `${String(i).padStart(8, '0')}\r\n`);
  return ascii(begin + lines.join('')).subarray(0, size);
}

const order = ['expect', 'comment', 'identity', 'signer', 'mail', 'fault', 'file', 'same'];

export function readVector(name: string): Vector {
  const octets = new Uint8Array(readFileSync(path(folder, `${name}.vector`)));
  const end = latin(octets).indexOf('\n\n');
  const [first, ...lines] = latin(octets.subarray(0, end)).split('\n');
  if (first !== 'obalka vector 1') throw new Error(`${name}: no vector`);
  const pairs = lines.map(
    (line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const,
  );
  const places = pairs.map(([key]) => order.indexOf(key));
  if (places.some((at, i) => at < (places[i - 1] ?? 0))) throw new Error(`${name}: lines in another order`);
  const all = (key: string) => pairs.filter(([one]) => one === key).map(([, value]) => value);

  const files: Record<string, Uint8Array> = {};
  let at = end + 2;
  for (const [file = '', size] of all('file').map((line) => line.split(' '))) {
    files[file] = octets.slice(at, at + Number(size));
    at += Number(size);
  }
  if (at !== octets.length) throw new Error(`${name}: ${octets.length - at} octets behind the files`);
  for (const [file = '', other = ''] of all('same').map((line) => line.split(' ')))
    files[file] = files[other] as Uint8Array;
  const mails = all('mail').map((line) => {
    const [id = '', state = '', size = 0, subject = ''] = line.split(' ');
    return { id, state, truth: truthOf(Number(size), subject) };
  });
  const [expect = ''] = all('expect');
  return { expect, identities: all('identity'), signers: all('signer'), mails, faults: all('fault'), files };
}
