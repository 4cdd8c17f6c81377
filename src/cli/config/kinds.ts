/** Kinds of values: what may stand behind a key of the configuration, or behind its option. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Problem } from '../../core/errors.js';
import { nearest } from './nearest.js';

interface More {
  /** What else is wrong with the value. */
  readonly others?: readonly Wrong[];
  /** The name of a part is wrong, not what stands behind it. */
  readonly isName?: boolean;
}

/** A value that is none of its kind. `path` says where in the value: an index, or the name of a part. */
export class Wrong extends Error {
  override name = 'Wrong';
  constructor(
    readonly what: string,
    readonly path: readonly string[] = [],
    readonly more: More = {},
  ) {
    super(what);
  }
}

export interface Kind<T> {
  /** The words that there are, where it is one of some. */
  readonly words?: readonly string[];
  readonly isList?: true;
  /** From the words behind an option, or in a variable. Throws Wrong. */
  readonly fromWords: (words: readonly string[]) => T;
  /** From a value of the file, whose folder is `base`. Throws Wrong. */
  readonly fromFile: (value: unknown, base: string) => T;
}

/** One value, given as text; `check` gives it back or throws a Problem or Wrong. */
function one<T>(check: (text: string) => T, fromFile: (value: unknown, base: string) => T): Kind<T> {
  return { fromWords: ([text = '']) => said(text, () => check(text)), fromFile };
}

/** What another part of the program says of a text, without the text before it. */
function said<T>(text: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new Wrong(
      error.message.startsWith(`${text}: `) ? error.message.slice(text.length + 2) : error.message,
    );
  }
}

function textOf(value: unknown, example: string): string {
  if (typeof value !== 'string') throw new Wrong(`write it in quotes, such as ${JSON.stringify(example)}`);
  return value;
}

/** Text that `check` knows how to read, kept as it is written. */
export function text(example: string, check: (text: string) => void): Kind<string> {
  const checked = (written: string) =>
    said(written, () => {
      check(written);
      return written;
    });
  return one(checked, (value) => checked(textOf(value, example)));
}

/** A file or a folder; in the file named from where that is, or from the home folder (~/). */
export const path: Kind<string> = one(
  (text) => text,
  (value, base) => {
    const written = textOf(value, '/var/lib/obalka');
    if (written === '') throw new Wrong('write a path');
    if (written.includes('\0')) throw new Wrong('a path has no zero octet');
    return written.startsWith('~/') ? join(homedir(), written.slice(2)) : resolve(base, written);
  },
);

/** A path, or the word that stands for none. */
export const pathOrNone: Kind<string> = {
  fromWords: path.fromWords,
  fromFile: (value, base) => (value === 'none' ? value : path.fromFile(value, base)),
};

export function whole(least: number, most: number): Kind<number> {
  const what = `write a number from ${least} to ${most}`;
  const checked = (number: number) => {
    if (!(Number.isInteger(number) && number >= least && number <= most)) throw new Wrong(what);
    return number;
  };
  return one(
    (written) => checked(/^\d{1,16}$/.test(written) ? Number(written) : Number.NaN),
    (value) => checked(typeof value === 'number' ? value : Number.NaN),
  );
}

export const yesOrNo: Kind<boolean> = {
  fromWords: () => true,
  fromFile: (value) => {
    if (typeof value !== 'boolean') throw new Wrong('write true or false');
    return value;
  },
};

export function oneOf<W extends string>(...words: readonly W[]): Kind<W> {
  const quoted = words.map((word) => JSON.stringify(word));
  const what = `write ${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
  const checked = (value: unknown) => {
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    const meant = typeof value === 'string' ? nearest(value, words) : undefined;
    throw new Wrong(meant === undefined ? what : `${what}; is ${JSON.stringify(meant)} meant?`);
  };
  return { words, ...one<W>(checked, checked) };
}

/** Several, `least` of them; in the file one alone needs no brackets. */
export function several<T>(kind: Kind<T>, least: 0 | 1 = 0): Kind<readonly T[]> {
  const each = <V>(values: readonly V[], read: (value: V) => T): T[] => {
    if (values.length < least) throw new Wrong('write at least one, or leave the key out');
    const wrongs: Wrong[] = [];
    const found = values.flatMap((value, at) => {
      try {
        return [read(value)];
      } catch (error) {
        if (!(error instanceof Wrong)) throw error;
        wrongs.push(new Wrong(error.what, [String(at), ...error.path], error.more));
        return [];
      }
    });
    const [first, ...others] = wrongs;
    if (first) throw new Wrong(first.what, first.path, { ...first.more, others });
    return found;
  };
  return {
    isList: true,
    fromWords: (words) => each(words, (word) => kind.fromWords([word])),
    fromFile: (value, base) =>
      Array.isArray(value)
        ? each(value as readonly unknown[], (item) => kind.fromFile(item, base))
        : [kind.fromFile(value, base)],
  };
}

/** A table of these parts, each text of a kind, all of which must be there. */
export function parts<N extends string>(names: Readonly<Record<N, Kind<string>>>): Kind<Record<N, string>> {
  const all = Object.keys(names) as N[];
  return {
    fromWords: () => {
      throw new Error('it has no option of its own');
    },
    fromFile: (value, base) => {
      const example = `{ ${all.map((name) => `${name} = "…"`).join(', ')} }`;
      if (!isTable(value)) throw new Wrong(`write ${example}`);
      for (const name of Object.keys(value))
        if (!Object.hasOwn(names, name)) {
          const meant = nearest(name, all);
          throw new Wrong(
            `there is no ${name} here${meant ? `; is ${meant} meant?` : `: write ${example}`}`,
            [name],
            { isName: true },
          );
        }
      const read = all.map((name) => {
        if (!(name in value)) throw new Wrong(`${name} is missing: write ${example}`);
        try {
          return [name, names[name].fromFile(value[name], base)] as const;
        } catch (error) {
          throw error instanceof Wrong ? new Wrong(`${name}: ${error.what}`, [name, ...error.path]) : error;
        }
      });
      return Object.fromEntries(read) as Record<N, string>;
    },
  };
}

/** Whether a value of the file is a table; a date is not. */
export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
