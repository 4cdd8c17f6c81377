/** Disguises: every way a word might stand in a file, and a search for thousands of them in one pass. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A name for people, and the octets to look for. */
export interface Pattern {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Shorter ones would turn up in random octets by chance: once in 2^48 places for six. */
export const shortestPattern = 6;

/** The forms of a token, with the name of the encoding; those that come out too short are left out. */
export function disguises(token: string | Uint8Array): Pattern[] {
  const plain = Buffer.from(token);
  const label = typeof token === 'string' ? JSON.stringify(token) : plain.toString('hex').slice(0, 24);
  const forms = new Map<string, Buffer>();
  const add = (encoding: string, bytes: Buffer) => {
    const known = [...forms.values()].some((form) => form.equals(bytes));
    if (bytes.length >= shortestPattern && !known) forms.set(encoding, bytes);
  };
  add('plain', plain);
  add('reversed', Buffer.from(plain).reverse());
  add('hex', Buffer.from(plain.toString('hex')));
  add('hex in capitals', Buffer.from(plain.toString('hex').toUpperCase()));
  for (const [of, bytes] of [['', plain] as const, ...cases(token)]) {
    if (of !== '') add(of, bytes);
    for (const alignment of [0, 1, 2]) {
      add(`base64 at ${alignment} ${of}`.trim(), base64At(bytes, alignment));
      add(
        `base64url at ${alignment} ${of}`.trim(),
        Buffer.from(base64At(bytes, alignment).toString().replaceAll('+', '-').replaceAll('/', '_')),
      );
    }
    add(`quoted-printable ${of}`.trim(), quotedPrintable(bytes, /[^!-<>-~ ]/g));
    add(`quoted-printable, all ${of}`.trim(), quotedPrintable(bytes, /[\s\S]/g));
    add(`percent ${of}`.trim(), Buffer.from(encodeURIComponent(bytes.toString('latin1'))));
  }
  if (typeof token === 'string') {
    const wide = Buffer.from(token, 'utf16le');
    add('UTF-16LE', wide);
    add('UTF-16BE', Buffer.from(wide).swap16());
  }
  return [...forms].map(([encoding, bytes]) => ({ name: `${label} as ${encoding}`, bytes }));
}

function cases(token: string | Uint8Array): [string, Buffer][] {
  if (typeof token !== 'string') return [];
  return [
    ['upper case', Buffer.from(token.toUpperCase())],
    ['lower case', Buffer.from(token.toLowerCase())],
  ];
}

/** The characters that octets give in base64 wherever they stand in a longer text: those of whole groups of six bits. */
function base64At(bytes: Buffer, alignment: number): Buffer {
  const text = Buffer.concat([Buffer.alloc(alignment), bytes]).toString('base64');
  const first = Math.ceil((alignment * 8) / 6);
  const last = Math.floor(((alignment + bytes.length) * 8) / 6);
  return Buffer.from(text.slice(first, last));
}

function quotedPrintable(bytes: Buffer, what: RegExp): Buffer {
  const encode = (octet: string) => `=${Buffer.from(octet, 'latin1').toString('hex').toUpperCase()}`;
  return Buffer.from(bytes.toString('latin1').replace(what, encode), 'latin1');
}

/** Searches for all patterns at once. */
export class Search {
  /** Bit per first three octets; then patterns by those. */
  readonly #beginnings = new Uint8Array(2 ** 21);
  readonly #patterns = new Map<number, Pattern[]>();

  constructor(patterns: readonly Pattern[]) {
    for (const pattern of patterns) {
      if (pattern.bytes.length < 3) throw new RangeError(`${pattern.name}: too short to be searched for`);
      const key = pattern.bytes.readUIntBE(0, 3);
      this.#beginnings[key >> 3] = (this.#beginnings[key >> 3] as number) | (1 << (key & 7));
      this.#patterns.set(key, [...(this.#patterns.get(key) ?? []), pattern]);
    }
  }

  /** Names of the patterns that stand in the octets. */
  in(bytes: Buffer): string[] {
    const found = new Set<string>();
    let key = 0;
    for (let at = 0; at < bytes.length; at++) {
      key = ((key << 8) | (bytes[at] as number)) & 0xffffff;
      if (at < 2 || ((this.#beginnings[key >> 3] as number) & (1 << (key & 7))) === 0) continue;
      for (const pattern of this.#patterns.get(key) ?? [])
        if (bytes.subarray(at - 2, at - 2 + pattern.bytes.length).equals(pattern.bytes))
          found.add(pattern.name);
    }
    return [...found];
  }

  /** The same for every file under a folder, and every name of one: "path: pattern". `seen` is told each file's path. */
  under(folder: string, seen: (path: string) => void = () => undefined): string[] {
    const found: string[] = [];
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, name);
      for (const one of this.in(Buffer.from(name))) found.push(`name ${path}: ${one}`);
      if (!statSync(path).isFile()) continue;
      seen(path);
      for (const one of this.in(readFileSync(path))) found.push(`${path}: ${one}`);
    }
    return found;
  }
}
