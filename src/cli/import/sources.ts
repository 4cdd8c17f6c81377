/** Sources of old mail: an mbox, a Maildir, files; each mail with what is known of it. */
import { basename, join } from 'node:path';
import { Problem } from '../../core/errors.js';
import { parseFromLineDate } from '../../reader/import/dates.js';
import { type FoundMail, unixMail, wholeMail } from '../../reader/import/found-mail.js';
import { mailsOfMbox, NoMbox } from '../../reader/import/mbox.js';
import type { Quoting } from '../../reader/import/wire-lines.js';
import type { OldMail } from '../../server/import-writer.js';
import { timeInFileName } from '../export/names.js';
import { isFolder, namesIn, type OpenedFile, openFile, ownerOf } from './files.js';
import { HeldFolder } from './held-folder.js';

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

/** The mail in `cur` and `new` of a Maildir: folders of whom it belongs to, and no links, which could lead to mail of others. */
export async function maildirSource(path: string): Promise<Source> {
  const inside = await namesIn(path);
  if (!inside.includes('cur') || !inside.includes('new'))
    throw new Problem('failure', `${path}: this is no Maildir: it has no folders cur and new`);
  const owner = await ownerOf(path);
  const folders: { readonly folder: string; readonly names: readonly string[] }[] = [];
  for (const folder of ['cur', 'new'].map((name) => join(path, name))) {
    const held = await HeldFolder.open(folder, owner);
    const names = await held.names().finally(() => held.close());
    folders.push({ folder, names: names.filter((name) => !name.startsWith('.')) });
  }
  async function* mails(): AsyncGenerator<SourceMail> {
    let at = 0;
    for (const { folder, names } of folders) {
      const held = await HeldFolder.open(folder, owner);
      try {
        for (const name of names) {
          const [unique = '', flags = ''] = name.split(':2,');
          const open = () => held.openFile(name);
          yield* oneFile(join(folder, name), unique, at++, open, async (file) => {
            const found = await unixMail(file.octets);
            const isSeen = flags.includes('S');
            const notes = flags === '' ? {} : { 'import.flags': flags.slice(0, 64) };
            const times = found.received ? found.dates : [earlier(name, file.modifiedAt), ...found.dates];
            return opened({ ...found, isSeen }, times, notes);
          });
        }
      } finally {
        await held.close();
      }
    }
  }
  return { total: folders.reduce((sum, { names }) => sum + names.length, 0), mails: mails() };
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
    for (const [at, name] of names.entries()) {
      const file = isMany ? join(path, name) : name;
      const open = async () => (file === '-' ? standardInput() : openFile(file, !isMany));
      yield* oneFile(file, basename(name), at, open, async (found) => {
        const mail = await read(found.octets, basename(name));
        const named = timeInFileName(basename(name), found.modifiedAt);
        return opened(mail, [named, ...mail.dates, found.modifiedAt]);
      });
    }
  }
  return { total: names.length, mails: mails() };
}

export const emlFile = (asIs: boolean) => (file: AsyncIterable<Uint8Array>, name: string) =>
  wholeMail(file, asIs || timeInFileName(name, 0) !== undefined);

async function* oneFile(
  name: string,
  key: string,
  at: number,
  openIt: () => Promise<OpenedFile>,
  read: (file: OpenedFile) => ReturnType<SourceMail['open']>,
): AsyncGenerator<SourceMail> {
  let file: OpenedFile | undefined;
  try {
    yield {
      key,
      name,
      at,
      async open() {
        file = await openIt();
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
