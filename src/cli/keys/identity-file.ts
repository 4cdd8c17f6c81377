/** Identity files: read with care, made without ever overwriting one, and written anew beside and renamed. */
import type { Stats } from 'node:fs';
import { type FileHandle, open, readFile, realpath, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Problem } from '../../core/errors.js';
import { openRegular, readFrom } from '../../journal/regular-file.js';
import { isProtected } from '../../reader/age-beginning.js';
import { type Identity, parseIdentities } from '../../seal/keys.js';
import { besideOf, syncFolder, writeWhole } from '../files/whole-file.js';
import { random } from '../random.js';
import { say } from '../terminal/output.js';
import { askUntil } from './passphrases.js';

/** More octets than any number of identities that a person has. */
const maxIdentityFile = 1_000_000;

/** An identity file that was read, and opened if it was protected. */
export interface IdentityFile {
  readonly path: string;
  /** As it stands on disk. */
  readonly bytes: Uint8Array;
  readonly text: string;
  /** What opened it; undefined for a file that is not protected. */
  readonly passphrase?: Uint8Array;
  /** Never empty; the newest first, if obalka wrote the file. */
  readonly identities: readonly Identity[];
}

/** Reads one identity file, and asks for its passphrase if it has one. Refuses one that others can read. */
export async function openIdentityFile(path: string): Promise<IdentityFile> {
  const { bytes, mode } = await readPrivately(path);
  const mustBePrivate = () => {
    if ((mode & 0o077) !== 0)
      throw new Problem(
        'identity',
        `${path}: others can read this identity; mend it with: chmod 600 ${path}`,
      );
  };
  if (!isProtected(bytes)) {
    const text = Buffer.from(bytes).toString('utf8');
    // What is no identity is called so before its permissions matter.
    const identities = parseIdentities(text, path);
    mustBePrivate();
    return { path, bytes, text, identities };
  }
  mustBePrivate();
  const [{ openProtected, readProtected }, { passphraseWork }] = await Promise.all([
    import('../../reader/protected-file.js'),
    import('./passphrase-work.js'),
  ]);
  const file = await readProtected(bytes, path);
  const work = await passphraseWork(file);
  if (work !== undefined) say(`obalka: ${work}`);
  const { opened, passphrase } = await askUntil(path, (typed) => openProtected(file, typed));
  const text = Buffer.from(opened).toString('utf8');
  opened.fill(0);
  return { path, bytes, text, passphrase, identities: parseIdentities(text, path) };
}

async function readPrivately(path: string): Promise<{ bytes: Uint8Array; mode: number }> {
  const file = await openRegular(path).catch((error: NodeJS.ErrnoException) => {
    throw new Problem('identity', `${path}: ${whyUnread('the identity', error)}`);
  });
  try {
    // Of the open file: what the name stands for may change meanwhile.
    const { mode, size } = await file.stat();
    if (size > maxIdentityFile)
      throw new Problem('identity', `${path}: this is no identity: it has ${size} octets`);
    return { bytes: await readFrom(file, Buffer.alloc(size), 0, size), mode };
  } finally {
    await file.close();
  }
}

/** Why a file could not be read, for people where it is plain; else by the code of the system. */
export function whyUnread(what: string, { code }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR' || code === 'not a file') return `${what} cannot be read: this is no file`;
  return `${what} cannot be read (${code})`;
}

/** Makes a file that is not there, and syncs it and its folder. */
export async function writeNew(path: string, mode: number, text: string): Promise<void> {
  try {
    const file = await open(path, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } catch (error) {
      // A full disk: half a key is none.
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    await syncFolder(dirname(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw alreadyThere(path);
    throw new Problem('failure', `${path}: cannot be written (${code}); name another file`);
  }
}

export function alreadyThere(path: string): Problem {
  return new Problem(
    'failure',
    `${path}: there is a file already, and a key is never overwritten; name another file`,
  );
}

/** The text of a file as it goes to disk: as it is, or under a passphrase. */
export async function asWritten(text: string, passphrase: Uint8Array | undefined): Promise<string> {
  if (!passphrase) return text;
  const plain = Buffer.from(text);
  try {
    const { protect } = await import('../../reader/protected-file.js');
    return await protect(plain, passphrase, random);
  } finally {
    plain.fill(0);
  }
}

/**
 * Replaces a file that was read by another text, in one step: whoever reads it meanwhile finds one or the other. The new
 * one is on disk before it takes the name. `wipe` writes over the old octets. Tells whether another name still holds them.
 */
export async function replaceIdentityFile(
  file: IdentityFile,
  written: string,
  wipe: boolean,
): Promise<{ otherName: boolean }> {
  const path = await realpath(file.path);
  const release = holdSignals();
  let isHeld = false;
  let old: FileHandle | undefined;
  try {
    // Nobody else makes the file beside: it is the lock, too.
    const check = async () => {
      isHeld = true;
      old = await open(path, wipe ? 'r+' : 'r');
      await mustBeUnchanged(file, old);
    };
    await writeWhole(path, written, { isLock: true, check }).catch((error: NodeJS.ErrnoException) => {
      throw isHeld ? error : notBegun(file.path, besideOf(path), error);
    });
    return { otherName: wipe && old !== undefined && !(await writeOver(old)) };
  } finally {
    await old?.close();
    release();
  }
}

function notBegun(path: string, beside: string, { code }: NodeJS.ErrnoException): Problem {
  if (code !== 'EEXIST')
    return new Problem('failure', `${beside}: cannot be written (${code}); nothing was changed`);
  return new Problem(
    'later',
    `${beside}: another command is changing this file, or one was cut off; if none runs, remove it: ${path} is whole`,
  );
}

async function mustBeUnchanged(file: IdentityFile, now: FileHandle): Promise<void> {
  const { size } = await now.stat();
  const bytes = await readFrom(now, Buffer.alloc(size), 0, size);
  if (Buffer.compare(bytes, file.bytes) !== 0)
    throw new Problem('later', `${file.path}: was changed meanwhile; nothing was done: try again`);
}

/** False if the file has another name, which keeps what it has. */
async function writeOver(file: FileHandle): Promise<boolean> {
  const { size, nlink }: Stats = await file.stat();
  if (nlink > 0) return false;
  await file.write(random(size), 0, size, 0);
  await file.sync();
  return true;
}

/** Writes a file of a public key, in place of another if there is one, in one step. */
export async function replacePublicFile(path: string, text: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return;
  const real = await realpath(path).catch(() => path);
  try {
    await writeWhole(real, text, { mode: 0o644 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Problem('failure', `${path}: cannot be written (${code}); the identity is safe in its file`);
  }
}

/** Signals wait while files are half written; then they do what they do. */
function holdSignals(): () => void {
  const came: NodeJS.Signals[] = [];
  const hold = (signal: NodeJS.Signals) => void came.push(signal);
  const held = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of held) process.on(signal, hold);
  return () => {
    for (const signal of held) process.off(signal, hold);
    if (came[0]) process.kill(process.pid, came[0]);
  };
}

const madeLine = /^#.*\b(?:made|restored|created:?) (\d{4}-\d{2}-\d{2})/;

/** When each identity of a file was made ("2026-11-21"), as the comment before it says; undefined where none does. */
export function datesOf(file: IdentityFile): (string | undefined)[] {
  const dates: (string | undefined)[] = [];
  let date: string | undefined;
  for (const line of file.text.split('\n').map((one) => one.trim())) {
    date = madeLine.exec(line)?.[1] ?? date;
    if (line === '' || line.startsWith('#')) continue;
    dates.push(date);
    date = undefined;
  }
  return dates;
}
