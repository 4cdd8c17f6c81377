/** Files: a mail in a file of its own, in a folder or under a name that the person chose. */
import { readdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Problem } from '../../core/errors.js';
import type { SegmentIndex } from '../../reader/blocks.js';
import { type Form, usualForm } from '../../reader/export/trace-fields.js';
import { OtherForm } from '../../reader/export/unix-content.js';
import type { Mail } from '../../reader/mail.js';
import { syncFolder } from '../files/whole-file.js';
import { ownFolder } from './folders.js';
import { fileName, isUnfinishedName, maildirList, unfinishedName } from './names.js';
import { isThere, NewFile, passOver } from './new-file.js';
import type { Target } from './target.js';

/** The octets of a file, piece by piece; wrong ones end with a FormatError. */
export type FileContent = (index: SegmentIndex, mail: Mail) => AsyncIterable<Uint8Array>;

/** Files that share a sync of their folder. */
const atOnce = 64;

/** A folder of files `TIME-ID.ENDING`. What an export that was cut off left unfinished goes. */
export async function folderOfFiles(folder: string, ending: string, content: FileContent): Promise<Target> {
  await ownFolder(folder);
  if (await isThere(join(folder, maildirList)))
    throw new Problem('usage', `${folder}: this is a Maildir that an export keeps; choose another --to PATH`);
  for (const name of await readdir(folder))
    if (isUnfinishedName(name)) await unlink(join(folder, name)).catch(passOver('ENOENT'));
  const pathOf = (mail: Mail) => join(folder, `${fileName(mail)}.${ending}`);
  const written: { readonly file: NewFile; readonly mail: Mail }[] = [];
  const placeAll = async () => {
    const all = written.splice(0);
    await Promise.all(all.map(({ file }) => file.sync()));
    for (const { file, mail } of all) await file.place(pathOf(mail), new Date(mail.receivedAt));
    if (all.length > 0) await syncFolder(folder);
  };
  return {
    has: (mail) => isThere(pathOf(mail)),
    async add(mail, index) {
      const file = await writeFile(join(folder, unfinishedName(mail)), content(index, mail));
      written.push({ file, mail });
      if (written.length >= atOnce) await placeAll();
      return pathOf(mail);
    },
    end: placeAll,
    giveUp: placeAll,
  };
}

/** One file of a name that must be free. */
export async function oneFile(path: string, content: FileContent): Promise<Target> {
  if (await isThere(path))
    throw new Problem('failure', `${path}: there is something of this name; choose another --to PATH`);
  return {
    has: () => false,
    async add(mail, index) {
      const file = await writeFile(join(dirname(path), unfinishedName(mail)), content(index, mail));
      await file.sync();
      if (!(await file.place(path, new Date(mail.receivedAt))))
        throw new Problem(
          'failure',
          `${basename(path)}: something got this name meanwhile; nothing was written over`,
        );
      await syncFolder(dirname(path));
      return path;
    },
    end: async () => undefined,
    giveUp: async () => undefined,
  };
}

/** Writes a file under the name of what is not finished. Throws what the content throws; then nothing is left of it. */
export async function writeFile(path: string, content: AsyncIterable<Uint8Array>): Promise<NewFile> {
  const file = await NewFile.begin(path);
  try {
    for await (const piece of content) await file.write(piece);
    await file.flush();
    return file;
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** Writes with the usual form, and anew with another as often as that turns out to be wanted. */
export async function inItsForm<T>(write: (form: Form) => Promise<T>): Promise<T> {
  for (let form = usualForm; ; )
    try {
      return await write(form);
    } catch (error) {
      if (!(error instanceof OtherForm)) throw error;
      form = error.form;
    }
}
