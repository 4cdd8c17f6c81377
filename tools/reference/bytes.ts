/** Octets, numbers and texts as the conventions of the specification have them, and where a journal's octets come from. */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';

/** Something is not as the specification says: where, and what. `newer` if a newer program may know better. */
export class Fault extends Error {
  constructor(
    readonly place: string,
    readonly what: string,
    readonly newer = false,
  ) {
    super(`${place}: ${what}`);
  }
}

/** `a | b | …` (sealing.md, Conventions). */
export function join(...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i]);
}

export function areZeros(octets: Uint8Array): boolean {
  return octets.every((octet) => octet === 0);
}

/** An unsigned big-endian number of so many octets. One of 2^53 or more comes out as such, not exactly. */
export function number(octets: Uint8Array, at: number, length: 1 | 2 | 4 | 8): number {
  let value = 0;
  for (const octet of octets.subarray(at, at + length)) value = value * 256 + octet;
  return value;
}

/** `u8`, `u16`, `u32`, `u64` of a number (sealing.md, Conventions). */
export function unsigned(value: number, length: 1 | 2 | 4 | 8): Uint8Array {
  const octets = new Uint8Array(length);
  let rest = value;
  for (let i = length - 1; i >= 0; i -= 1) {
    octets[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return octets;
}

/** One character for each octet, and back: ASCII where the specification says so. */
export function latin(octets: Uint8Array): string {
  return Array.from(octets, (octet) => String.fromCharCode(octet)).join('');
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

export function hex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** RFC 4648 base32, lower case, without padding signs; bits that fill the last letter are zero. */
export function base32(octets: Uint8Array): string {
  const bits = Array.from(octets, (octet) => octet.toString(2).padStart(8, '0')).join('');
  const letters = bits.match(/.{1,5}/g) ?? [];
  return letters
    .map((five) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('');
}

/**
 * A journal as files (journal.md, Files). Names are paths from the journal's folder, with `/`.
 * Every kind of source does: a folder, a copy, octets in memory.
 */
export type Files = {
  /** Names in a folder; the journal's own is ''. A folder that is not there is empty. */
  names(folder: string): string[];
  /** Length in octets, undefined if there is no such file. */
  length(name: string): number | undefined;
  /** So many octets from an offset; fewer where the file ends. */
  read(name: string, offset: number, length: number): Uint8Array;
};

export function filesInMemory(files: Readonly<Record<string, Uint8Array>>): Files {
  return {
    names(folder) {
      const begin = folder === '' ? '' : `${folder}/`;
      const below = Object.keys(files).filter((name) => name.startsWith(begin));
      return [...new Set(below.map((name) => name.slice(begin.length).split('/')[0] as string))];
    },
    length: (name) => files[name]?.length,
    read: (name, offset, length) => (files[name] ?? new Uint8Array()).slice(offset, offset + length),
  };
}

/** The files below a data directory or a journal's folder (journal.md, Files). Nothing is written. */
export function filesInFolder(folder: string): Files {
  const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const root = isFolder(`${folder}/journal`) ? `${folder}/journal` : folder;
  return {
    names: (name) => (isFolder(`${root}/${name}`) ? readdirSync(`${root}/${name}`) : []),
    length(name) {
      const status = statSync(`${root}/${name}`, { throwIfNoEntry: false });
      return status?.isFile() ? status.size : undefined;
    },
    read(name, offset, length) {
      if (!statSync(`${root}/${name}`, { throwIfNoEntry: false })?.isFile()) return new Uint8Array();
      const file = openSync(`${root}/${name}`, 'r');
      try {
        const octets = new Uint8Array(length);
        return octets.subarray(0, readSync(file, octets, 0, length, offset));
      } finally {
        closeSync(file);
      }
    },
  };
}
