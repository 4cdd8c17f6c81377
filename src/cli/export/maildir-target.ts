/** Maildir: a folder that is kept up to date. What it once got it never gets again, wherever the person put it. */
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../core/errors.js';
import type { SegmentIndex } from '../../reader/blocks.js';
import { maildirFile } from '../../reader/export/unix-content.js';
import type { Mail } from '../../reader/mail.js';
import { syncFolder } from '../files/whole-file.js';
import { inItsForm, writeFile } from './files-target.js';
import { look, ownFolder } from './folders.js';
import { idInMaildirName, maildirList, maildirName } from './names.js';
import { type NewFile, passOver } from './new-file.js';
import type { Target } from './target.js';

/** Ids of all mails that the folder ever got, one a line behind the first. */
const firstLine = 'obalka maildir 1\n';
const folders = ['tmp', 'new', 'cur'] as const;
/** Files that share a sync of their folder. */
const atOnce = 64;

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;

/** `isRead`: whether the person has read a mail already; it goes to cur/ then, marked as seen. */
export async function maildir(folder: string, isRead: (mail: Mail) => boolean): Promise<Target> {
  await ownFolder(folder);
  const before = await readdir(folder);
  if (before.length > 0 && !before.includes(maildirList))
    throw new Problem(
      'failure',
      `${folder}: there is something in this folder, and no ${maildirList}: it is not a Maildir that obalka keeps; choose a new one`,
    );
  const list = await openList(join(folder, maildirList));
  try {
    for (const name of folders) await ownFolder(join(folder, name));
    return new Maildir(folder, list.file, await alreadyThere(folder, list.ids), isRead);
  } catch (error) {
    await list.file.close();
    throw error;
  }
}

class Maildir implements Target {
  readonly #written: { readonly mail: Mail; readonly file: NewFile }[] = [];

  constructor(
    readonly folder: string,
    readonly list: FileHandle,
    readonly ids: Set<string>,
    readonly isRead: (mail: Mail) => boolean,
  ) {}

  has(mail: Mail): boolean {
    return this.ids.has(mail.id);
  }

  async add(mail: Mail, index: SegmentIndex): Promise<string> {
    this.#written.push({ mail, file: await this.#write(mail, index) });
    if (this.#written.length >= atOnce) await this.#placeAll();
    return this.#pathOf(mail);
  }

  async end(): Promise<void> {
    await this.#placeAll();
    await this.list.close();
  }

  /** Files first, then the list: what was cut off between the two is found by its name. */
  async #placeAll(): Promise<void> {
    const all = this.#written.splice(0);
    if (all.length === 0) return;
    await Promise.all(all.map(({ file }) => file.sync()));
    for (const { mail, file } of all) await file.place(this.#pathOf(mail), new Date(mail.receivedAt));
    for (const name of ['new', 'cur']) await syncFolder(join(this.folder, name));
    await this.list.appendFile(all.map(({ mail }) => `${mail.id}\n`).join(''));
    await this.list.sync();
    for (const { mail } of all) this.ids.add(mail.id);
  }

  async giveUp(): Promise<void> {
    try {
      await this.#placeAll();
    } finally {
      await this.list.close();
    }
  }

  async #write(mail: Mail, index: SegmentIndex): Promise<NewFile> {
    const path = join(this.folder, 'tmp', maildirName(mail));
    return inItsForm((form) => writeFile(path, maildirFile(index, mail, form)));
  }

  #pathOf(mail: Mail): string {
    const name = maildirName(mail);
    return this.isRead(mail) ? join(this.folder, 'cur', `${name}:2,S`) : join(this.folder, 'new', name);
  }
}

/** Opens or makes the list. A last line that was cut off is dropped. */
async function openList(path: string): Promise<{ file: FileHandle; ids: string[] }> {
  const found = await look(path);
  if (found && !found.isFile()) throw notOurs(path);
  const file = await open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  try {
    const text = await file.readFile('latin1');
    // A list that was made and not yet written is one without a line.
    if (firstLine.startsWith(text)) {
      await file.truncate(0);
      await file.appendFile(firstLine);
      return { file, ids: [] };
    }
    if (!text.startsWith(firstLine)) throw notOurs(path);
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) await file.truncate(whole.length);
    return { file, ids: whole.split('\n').slice(1, -1) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function notOurs(path: string): Problem {
  return new Problem(
    'failure',
    `${path}: this is no list of an export; move it away, and choose a new folder`,
  );
}

/** The list, and what was put in place just before the last export was cut off. What it left in tmp goes. */
async function alreadyThere(folder: string, ids: readonly string[]): Promise<Set<string>> {
  const all = new Set(ids);
  for (const name of ['new', 'cur'])
    for (const file of await readdir(join(folder, name))) {
      const id = idInMaildirName(file);
      if (id !== undefined) all.add(id);
    }
  for (const file of await readdir(join(folder, 'tmp')))
    if (idInMaildirName(file) !== undefined)
      await unlink(join(folder, 'tmp', file)).catch(passOver('ENOENT'));
  return all;
}
