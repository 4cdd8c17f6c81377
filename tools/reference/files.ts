/** Where a journal's octets come from: a folder, or memory (journal.md, Files). Nothing is ever written. */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';

/** The files of a journal. Names are paths from the journal's folder, with `/`. */
export type Files = {
  /** Names in a folder; the journal's own is ''. A folder that is not there is empty. */
  names(folder: string): string[];
  /** Length in octets, undefined if there is no such file. */
  length(name: string): number | undefined;
  /** At most so many octets from an offset, at least one; none at the end of the file, or where there is none. */
  read(name: string, offset: number, length: number): Uint8Array;
};

/** So many octets from an offset, in as many reads as it takes; fewer where the file ends. */
export function octetsOf(files: Files, name: string, offset: number, length: number): Uint8Array {
  const octets = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const piece = files.read(name, offset + filled, length - filled);
    if (piece.length === 0) break;
    octets.set(piece, filled);
    filled += piece.length;
  }
  return octets.subarray(0, filled);
}

export function filesInMemory(files: Readonly<Record<string, Uint8Array>>): Files {
  return {
    names(folder) {
      const begin = folder === '' ? '' : `${folder}/`;
      const below = Object.keys(files).filter((name) => name.startsWith(begin));
      return [...new Set(below.map((name) => name.slice(begin.length).split('/')[0] as string))];
    },
    length: (name) => files[name]?.length,
    read: (name, offset, length) => (files[name] ?? new Uint8Array()).subarray(offset, offset + length),
  };
}

/** The files below a data directory or a journal's folder. */
export function filesInFolder(folder: string): Files {
  const status = (path: string) => statSync(path, { throwIfNoEntry: false });
  const root = status(`${folder}/journal`)?.isDirectory() ? `${folder}/journal` : folder;
  return {
    names: (name) => (status(`${root}/${name}`)?.isDirectory() ? readdirSync(`${root}/${name}`) : []),
    length(name) {
      const found = status(`${root}/${name}`);
      return found?.isFile() ? found.size : undefined;
    },
    read(name, offset, length) {
      if (!status(`${root}/${name}`)?.isFile()) return new Uint8Array();
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
