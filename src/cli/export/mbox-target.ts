/** mbox: one file, put in its place when all of it is there. An export that was cut off is gone on with. */
import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Problem } from '../../core/errors.js';
import type { SegmentIndex } from '../../reader/blocks.js';
import { mboxMail } from '../../reader/export/unix-content.js';
import type { Mail } from '../../reader/mail.js';
import { syncFolder } from '../files/whole-file.js';
import { inItsForm } from './files-target.js';
import { look } from './folders.js';
import { GatheredFile } from './gathered-file.js';
import { isThere, passOver, putInPlace } from './new-file.js';
import type { Target } from './target.js';

const firstLine = 'obalka mbox 1\n';
const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;

/** Mail is made durable, and noted, when so much of it waits. */
const syncOctets = 64 << 20;
const syncMails = 256;

/** The file before it has its name, and the list of what is in it: `ID END` for each mail, END being where it ends. */
const unfinished = (path: string) => `${path}.unfinished`;
const listOf = (path: string) => `${path}.unfinished.list`;

export async function mboxFile(path: string): Promise<Target> {
  if (await isThere(path)) {
    await clearAway(path);
    throw new Problem('failure', `${path}: there is something of this name; choose another --to PATH`);
  }
  const list = await openOurs(listOf(path), !(await isThere(unfinished(path))));
  try {
    const ends = await readList(list, path);
    const file = await openOurs(unfinished(path), true);
    try {
      const end = ends.at(-1)?.end ?? 0;
      if ((await file.stat()).size < end) throw notOurs(unfinished(path));
      await file.truncate(end);
      return new Mbox(path, file, list, new Set(ends.map(({ id }) => id)), end);
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (error) {
    await list.close();
    throw error;
  }
}

class Mbox implements Target {
  #waiting: { readonly id: string; readonly end: number }[] = [];
  #synced: number;
  readonly #gathered: GatheredFile;

  constructor(
    readonly path: string,
    readonly file: FileHandle,
    readonly list: FileHandle,
    readonly ids: Set<string>,
    private at: number,
  ) {
    this.#synced = at;
    this.#gathered = new GatheredFile(file);
  }

  has(mail: Mail): boolean {
    return this.ids.has(mail.id);
  }

  async add(mail: Mail, index: SegmentIndex): Promise<undefined> {
    const begin = this.at;
    await inItsForm(async (form) => {
      try {
        for await (const piece of mboxMail(index, mail, form)) {
          this.at += piece.length;
          await this.#gathered.write(piece);
        }
        await this.#gathered.flush();
      } catch (error) {
        await this.#gathered.drop();
        this.at = begin;
        await this.file.truncate(begin);
        throw error;
      }
    });
    this.#waiting.push({ id: mail.id, end: this.at });
    if (this.#waiting.length >= syncMails || this.at - this.#synced >= syncOctets) await this.#sync();
  }

  async end(): Promise<void> {
    await this.#sync();
    await this.#close();
    if (!(await putInPlace(unfinished(this.path), this.path)))
      throw new Problem(
        'failure',
        `${this.path}: something got this name meanwhile; the mail is in ${unfinished(this.path)}`,
      );
    await unlink(listOf(this.path));
    await syncFolder(dirname(this.path));
  }

  async giveUp(): Promise<void> {
    try {
      await this.#sync();
    } finally {
      await this.#close();
    }
  }

  async #sync(): Promise<void> {
    if (this.#waiting.length === 0) return;
    await this.file.sync();
    await this.list.appendFile(this.#waiting.map(({ id, end }) => `${id} ${end}\n`).join(''));
    await this.list.sync();
    this.#waiting = [];
    this.#synced = this.at;
  }

  async #close(): Promise<void> {
    await this.file.close();
    await this.list.close();
  }
}

/** What an export that was done left when it was cut off at its very end. */
async function clearAway(path: string): Promise<void> {
  const [done, other] = [await look(path), await look(unfinished(path))];
  if (done?.isFile() && other?.ino === done.ino && other.dev === done.dev) {
    await unlink(unfinished(path));
    await unlink(listOf(path)).catch(passOver('ENOENT'));
  }
}

/** Opens a file that an earlier export made, or makes it if it may. */
async function openOurs(path: string, mayMake: boolean): Promise<FileHandle> {
  const flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK;
  const found = await look(path);
  if ((!found && !mayMake) || (found && !found.isFile())) throw notOurs(path);
  return open(path, found ? flags : flags | O_CREAT | O_EXCL, 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new Problem('failure', `${path}: cannot be written (${error.code}); choose another --to PATH`);
  });
}

async function readList(list: FileHandle, path: string): Promise<{ id: string; end: number }[]> {
  const text = await list.readFile('latin1');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (firstLine.startsWith(text)) {
    await list.truncate(0);
    await list.appendFile(firstLine);
    return [];
  }
  const lines = whole
    .split('\n')
    .slice(1, -1)
    .map((line) => /^([a-z2-7]{13}) (\d{1,15})$/.exec(line));
  if (!whole.startsWith(firstLine) || lines.includes(null)) throw notOurs(listOf(path));
  if (whole.length < text.length) await list.truncate(whole.length);
  return lines.map((line) => ({ id: line?.[1] ?? '', end: Number(line?.[2]) }));
}

function notOurs(path: string): Problem {
  return new Problem(
    'failure',
    `${path}: not what an export left when it was cut off; move it away, or choose another --to PATH`,
  );
}
