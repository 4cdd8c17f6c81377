/** Making a journal: a folder with an id. */
import { join } from 'node:path';
import { decodeJournalHead, encodeJournalHead, smallHeadSize } from '../format/head.js';
import type { Disk } from './disk.js';
import { constantTime, journalFile } from './names.js';

/** The id of the journal in a folder; makes the journal if there is none. */
export async function createJournal(
  disk: Disk,
  folder: string,
  random: (length: number) => Uint8Array,
): Promise<{ id: Uint8Array; made: boolean }> {
  const path = join(folder, journalFile);
  try {
    return { id: decodeJournalHead(await disk.read(path, smallHeadSize + 1), path), made: false };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  if (!(await disk.list(join(folder, '..'))).includes(folder.split('/').at(-1) as string))
    await disk.makeFolder(folder);
  const id = random(16);
  const unfinished = `${path}.unfinished`;
  await disk.removeUnfinished(unfinished);
  const file = await disk.create(unfinished);
  await file.write(0, [encodeJournalHead(id)]);
  await file.sync();
  await file.setTime(constantTime);
  await file.close();
  await disk.rename(unfinished, path);
  await disk.syncFolder(folder);
  await disk.syncFolder(join(folder, '..'));
  await disk.setFolderTime(folder, constantTime);
  return { id, made: true };
}
