/** Opening a journal to read it: the data directory itself, a journal folder alone, or a copy of either. */
import { stat } from 'node:fs/promises';
import { equal, hex } from '../../core/bytes.js';
import { openDirectory } from '../../journal/directory-view.js';
import type { JournalView } from '../../journal/journal-view.js';
import type { Pin } from '../../reader/pins.js';
import { type KeySetChanges, loadPinsFile, type PinsFile, pinsFile, savePins } from '../mailbox/pins-file.js';
import { say } from '../terminal/output.js';
import { dataDirectory } from './data-directory.js';

export interface ReadingOptions {
  readonly data?: string;
  readonly identity: readonly string[];
  readonly pins?: string;
}

/** Runs with the journal open, and closes it whatever happens. */
export async function withJournal<T>(
  data: string | undefined,
  use: (view: JournalView) => Promise<T>,
): Promise<T> {
  const view = await openDirectory(await journalFolder(data));
  try {
    return await use(view);
  } finally {
    await view.close();
  }
}

/** The journal's folder of a data directory, or of a journal that stands alone. */
export async function journalFolder(data: string | undefined): Promise<string> {
  const { path, journal } = dataDirectory(data);
  // In a data directory, `journal` is a folder; in a journal's, a file.
  return (await isFolder(journal)) ? journal : path;
}

export function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/** What a reading found out for the pins. */
interface Seen {
  readonly newest: readonly Pin[];
  readonly confirmed?: readonly Pin[];
  readonly keySets?: KeySetChanges;
}

const nothingKept: PinsFile = { pins: [], keySets: new Map() };

/** Runs with the reader's pins, and renews them afterwards with what was found. */
export async function withPins<T>(
  option: string | undefined,
  view: JournalView,
  use: (pins: readonly Pin[], keySets: PinsFile['keySets']) => Promise<{ seen: Seen; result: T }>,
): Promise<T> {
  const path = pinsFile(option);
  const { pins, keySets } = path === undefined ? nothingKept : await loadPinsFile(path);
  if (pins.length > 0 && !pins.some(({ checkpoint }) => equal(checkpoint.journal, view.id)))
    say(
      `obalka: journal ${hex(view.id.subarray(0, 4))}: none of the pins in ${path} is of this journal; it is taken as it is now`,
    );
  const { seen, result } = await use(pins, keySets);
  if (path !== undefined) await savePins(path, pins, seen.newest, seen.confirmed ?? [], seen.keySets);
  return result;
}

/** What to do if a journal is not what it was: the pins are as they were, until a person decides. */
export function sayHowToMend(pinFaults: number, option: string | undefined): void {
  if (pinFaults === 0) return;
  process.exitCode = 5;
  say(
    `obalka: this journal is not the one that was read before, or has lost what it had; if you know why (a backup was put back), move ${pinsFile(option)} away to begin anew`,
  );
}
