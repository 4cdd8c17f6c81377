/** Encodings: the forms that octets take in mail, in programs and in files, wherever they stand in a longer text. */
import { domainToASCII } from 'node:url';

export type Encoding = readonly [name: string, bytes: Buffer];

/** Alphabets of 32 letters: RFC 4648 sections 6 and 7, and Bech32 (BIP 173). */
const alphabets = {
  base32: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
  base32hex: '0123456789ABCDEFGHIJKLMNOPQRSTUV',
  bech32: 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L',
} as const;

/** All forms of octets. */
export function ofOctets(bytes: Buffer): Encoding[] {
  const hex = bytes.toString('hex');
  const pairs = hex.match(/../g) ?? [];
  const found: [string, Buffer | string][] = [
    ['plain', bytes],
    ['reversed', Buffer.from(bytes).reverse()],
    ['NUL-separated', apart(bytes, 1)],
    ['octets of four', apart(bytes, 3)],
  ];
  for (const [name, change] of [
    ['', (text: string) => text],
    [' in capitals', (text: string) => text.toUpperCase()],
  ] as const) {
    found.push([`hex${name}`, change(hex)]);
    found.push([`hex with colons${name}`, change(pairs.join(':'))]);
    found.push([`hex with spaces${name}`, change(pairs.join(' '))]);
    found.push([`\\x${name}`, pairs.map((pair) => `\\x${change(pair)}`).join('')]);
    found.push([`percent, all${name}`, pairs.map((pair) => `%${change(pair)}`).join('')]);
    found.push([`quoted-printable, all${name}`, pairs.map((pair) => `=${change(pair)}`).join('')]);
  }
  for (const alignment of [0, 1, 2]) {
    const text = base64At(bytes, alignment);
    found.push([`base64 at ${alignment}`, text]);
    found.push([`base64url at ${alignment}`, text.replaceAll('+', '-').replaceAll('/', '_')]);
  }
  for (const [name, alphabet] of Object.entries(alphabets))
    for (const alignment of [0, 1, 2, 3, 4]) {
      const text = base32At(bytes, alignment, alphabet);
      found.push([`${name} at ${alignment}`, text]);
      found.push([`${name} at ${alignment} in small letters`, text.toLowerCase()]);
    }
  return found.map(([name, form]) => [name, Buffer.from(form)]);
}

/** Forms that only a text has, besides those of its octets. */
export function ofText(text: string): Encoding[] {
  const units = [...Array(text.length).keys()].map((at) => text.charCodeAt(at));
  const points = [...text].map((letter) => letter.codePointAt(0) as number);
  const wide = Buffer.from(text, 'utf16le');
  const narrow = Buffer.from(text).toString('latin1');
  const found: [string, Buffer | string][] = [
    ['UTF-16LE', wide],
    ['UTF-16BE', Buffer.from(wide).swap16()],
    ['latin1', Buffer.from(text, 'latin1')],
    ['UTF-7', utf7(text)],
    ['rot13', text.replace(/[a-z]/gi, rot13)],
    ['A-label', text.includes('@') ? text.replace(/[^@]+$/, domainToASCII) : domainToASCII(text)],
    ['JSON', JSON.stringify(text).slice(1, -1)],
    ['percent', encodeURIComponent(text)],
    ['quoted-printable', escaped(narrow, /[^!-<>-~ ]/g)],
    ['encoded word', escaped(narrow, /[^!-<>-^`-~ ]/g).replaceAll(' ', '_')],
    ['decimal entities', points.map((point) => `&#${point};`).join('')],
    ['hex entities', points.map((point) => `&#x${point.toString(16)};`).join('')],
    ['\\u', units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')],
    ['\\U', units.map((unit) => `\\u${unit.toString(16).toUpperCase().padStart(4, '0')}`).join('')],
  ];
  for (const alignment of [0, 1, 2]) {
    found.push([`base64 of UTF-16LE at ${alignment}`, base64At(wide, alignment)]);
    found.push([`base64 of UTF-16BE at ${alignment}`, base64At(Buffer.from(wide).swap16(), alignment)]);
  }
  return found.map(([name, form]) => [name, Buffer.from(form)]);
}

/** Each octet with so many zeros behind it. */
function apart(bytes: Buffer, zeros: number): Buffer {
  const all = Buffer.concat([...bytes].map((octet) => Buffer.from([octet, 0, 0, 0].slice(0, zeros + 1))));
  return all.subarray(0, all.length - zeros);
}

/** The characters that octets give in base64 wherever they stand in a longer text: those of whole groups of six bits. */
function base64At(bytes: Buffer, alignment: number): string {
  const text = Buffer.concat([Buffer.alloc(alignment), bytes]).toString('base64');
  return text.slice(Math.ceil((alignment * 8) / 6), Math.floor(((alignment + bytes.length) * 8) / 6));
}

/** The same with five bits a character. */
function base32At(bytes: Buffer, alignment: number, alphabet: string): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const octet of [...Buffer.alloc(alignment), ...bytes]) {
    held = ((held << 8) | octet) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(held >> (bits - 5)) & 31];
  }
  return text.slice(Math.ceil((alignment * 8) / 5));
}

/** RFC 2152: what is not direct stands as base64 of UTF-16BE between + and -. */
function utf7(text: string): string {
  return text.replace(/[^A-Za-z0-9'(),\-./:? ]+/g, (part) => {
    const wide = Buffer.from(part, 'utf16le').swap16();
    return `+${wide.toString('base64').replace(/=+$/, '')}-`;
  });
}

function rot13(letter: string): string {
  const base = letter < 'a' ? 65 : 97;
  return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
}

function escaped(octets: string, what: RegExp): string {
  return octets.replace(
    what,
    (octet) => `=${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
