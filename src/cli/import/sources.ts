/** Sources of old mail: an mbox, a Maildir, files; each mail with what is known of it. */
import { basename, join } from 'node:path';
import { Problem } from '../../core/errors.js';
import { parseFromLineDate } from '../../reader/import/dates.js';
import { type FoundMail, unixMail, wholeMail } from '../../reader/import/found-mail.js';
import { mailsOfMbox, NoMbox } from '../../reader/import/mbox.js';
import type { Quoting } from '../../reader/import/wire-lines.js';
import type { OldMail } from '../../server/import-writer.js';
import { timeInFileName } from '../export/names.js';
import { isFolder, namesIn, type OpenedFile, openFile } from './files.js';

/** One mail where it comes from. The next must not be asked for before this one was read or left. */
export interface SourceMail {
  /** The same at the next import, whatever the person did meanwhile. */
  readonly key: string;
  /** For a person. */
  readonly name: string;
  /** Octets of the source up to here. */
  readonly at: number;
  open(): Promise<{ mail: OldMail; content: AsyncIterable<Uint8Array> }>;
}

export interface Source {
  /** Octets; 0 where they are not known. */
  readonly total: number;
  readonly mails: AsyncGenerator<SourceMail>;
}

/** The mail of an mbox: the file, or standard input. */
export async function mboxSource(path: string, quoting: Quoting): Promise<Source> {
  const file = path === '-' ? standardInput() : await openFile(path, true);
  async function* mails(): AsyncGenerator<SourceMail> {
    try {
      for await (const { offset, fromLine, text } of mailsOfMbox(file.octets))
        yield {
          key: String(offset),
          name: `${path}, octet ${offset}`,
          at: offset,
          async open() {
            const found = await unixMail(text, quoting);
            const times = [parseFromLineDate(fromLine), ...found.dates];
            const sender = /^From (\S+) /.exec(fromLine)?.[1];
            const from = sender?.includes('@') ? sender : '';
            return opened({ ...found, from: found.from ?? from }, found.received ? found.dates : times);
          },
        };
    } catch (error) {
      if (!(error instanceof NoMbox)) throw error;
      throw new Problem('failure', `${path}: this is no mbox: it does not begin with a line "From …"`);
    } finally {
      await file.close();
    }
  }
  return { total: file.size, mails: mails() };
}

/** The mail in `cur` and `new` of a Maildir. */
export async function maildirSource(path: string): Promise<Source> {
  const files: { readonly folder: string; readonly name: string }[] = [];
  const inside = await namesIn(path);
  if (!inside.includes('cur') || !inside.includes('new'))
    throw new Problem('failure', `${path}: this is no Maildir: it has no folders cur and new`);
  for (const folder of ['cur', 'new'])
    for (const name of await namesIn(join(path, folder)))
      if (!name.startsWith('.')) files.push({ folder: join(path, folder), name });
  async function* mails(): AsyncGenerator<SourceMail> {
    for (const [at, { folder, name }] of files.entries()) {
      const [unique = '', flags = ''] = name.split(':2,');
      yield* oneFile(join(folder, name), unique, at, async (file) => {
        const found = await unixMail(file.octets);
        const isSeen = flags.includes('S');
        const notes = flags === '' ? {} : { 'import.flags': flags.slice(0, 64) };
        const times = found.received ? found.dates : [earlier(name, file.modifiedAt), ...found.dates];
        return opened({ ...found, isSeen }, times, notes);
      });
    }
  }
  return { total: files.length, mails: mails() };
}

/** Files that each are a mail: one, a folder of those with this ending, or standard input. */
export async function fileSource(
  path: string,
  ending: string,
  read: (file: AsyncIterable<Uint8Array>, name: string) => Promise<FoundMail>,
): Promise<Source> {
  const isMany = path !== '-' && (await isFolder(path));
  const names = isMany ? (await namesIn(path)).filter((name) => name.toLowerCase().endsWith(ending)) : [path];
  if (names.length === 0) throw new Problem('missing', `${path}: no file *${ending} is in this folder`);
  async function* mails(): AsyncGenerator<SourceMail> {
    for (const [at, name] of names.entries())
      yield* oneFile(
        isMany ? join(path, name) : name,
        basename(name),
        at,
        async (file) => {
          const found = await read(file.octets, basename(name));
          const named = timeInFileName(basename(name), file.modifiedAt);
          return opened(found, [named, ...found.dates, file.modifiedAt]);
        },
        !isMany,
      );
  }
  return { total: names.length, mails: mails() };
}

export const emlFile = (asIs: boolean) => (file: AsyncIterable<Uint8Array>, name: string) =>
  wholeMail(file, asIs || timeInFileName(name, 0) !== undefined);

async function* oneFile(
  path: string,
  key: string,
  at: number,
  read: (file: OpenedFile) => ReturnType<SourceMail['open']>,
  isNamed = false,
): AsyncGenerator<SourceMail> {
  let file: OpenedFile | undefined;
  try {
    yield {
      key,
      name: path,
      at,
      async open() {
        file = path === '-' ? standardInput() : await openFile(path, isNamed);
        return read(file);
      },
    };
  } finally {
    await file?.close();
  }
}

function standardInput(): OpenedFile {
  return {
    modifiedAt: Date.now(),
    size: 0,
    octets: (async function* () {
      yield* process.stdin as AsyncIterable<Buffer>;
    })(),
    close: async () => undefined,
  };
}

/** The first time that is one, and not in the future. */
function opened(
  { from, isSeen, received, content }: FoundMail,
  times: readonly (number | undefined)[],
  notes: Readonly<Record<string, string>> = {},
): { mail: OldMail; content: AsyncIterable<Uint8Array> } {
  const now = Date.now();
  const receivedAt = times.find((time) => time !== undefined && time >= 0 && time <= now) ?? now;
  const all = received === undefined ? notes : { ...notes, 'import.received': received };
  return { mail: { receivedAt, from: from ?? '', isSeen, notes: all }, content };
}

/** Of the time that a name of a Maildir begins with and that of the file, the earlier: the other is that of a copy. */
function earlier(name: string, modifiedAt: number): number {
  const [, seconds, micros] = /^(\d{9,11})\.(?:M(\d{1,6}))?/.exec(name) ?? [];
  if (seconds === undefined) return modifiedAt;
  return Math.min(modifiedAt, Number(seconds) * 1000 + Math.floor(Number(micros ?? 0) / 1000));
}
