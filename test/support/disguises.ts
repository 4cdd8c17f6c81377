/** Disguises: every way a word might stand in a file, and a search for thousands of them in one pass. */
import { join } from 'node:path';
import { type Encoding, ofOctets, ofText } from './encodings.js';
import { entriesBelow, readIfThere } from './live-folder.js';
import { unpacked } from './unpacking.js';

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
  const forms = new Map<string, string>();
  const add = (encodings: readonly Encoding[], of = '') => {
    for (const [encoding, bytes] of encodings) {
      const form = bytes.toString('latin1');
      if (bytes.length >= shortestPattern && !forms.has(form)) forms.set(form, `${encoding} ${of}`.trim());
    }
  };
  add(ofOctets(plain));
  if (typeof token === 'string') {
    add(ofText(token));
    for (const [of, text] of [
      ['in upper case', token.toUpperCase()],
      ['in lower case', token.toLowerCase()],
    ] as const) {
      add(ofOctets(Buffer.from(text)), of);
      add(ofText(text), of);
    }
  }
  return [...forms].map(([form, encoding]) => ({
    name: `${label} as ${encoding}`,
    bytes: Buffer.from(form, 'latin1'),
  }));
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

  /** The same, and in all that looks compressed, and is packed in that. */
  deep(bytes: Buffer, levels = 2): string[] {
    const inner = levels > 0 ? unpacked(bytes) : [];
    const found = inner.flatMap((one) => this.deep(one, levels - 1)).map((name) => `${name}, compressed`);
    return [...new Set([...this.in(bytes), ...found])];
  }

  /** The same for every file under a folder, also one that is written to, and every name of one: "path: pattern". `seen` is told each file's path. */
  under(folder: string, seen: (path: string) => void = () => undefined): string[] {
    const found: string[] = [];
    for (const [name, stats] of entriesBelow(folder)) {
      const path = join(folder, name);
      for (const one of this.in(Buffer.from(name))) found.push(`name ${path}: ${one}`);
      const octets = stats.isFile() ? readIfThere(path) : undefined;
      if (!octets) continue;
      seen(path);
      for (const one of this.deep(octets)) found.push(`${path}: ${one}`);
    }
    return found;
  }
}
