/** Opening a journal to read it: the data directory itself, a journal folder alone, or a copy of either. */
import { stat } from 'node:fs/promises';
import { equal, hex } from '../core/bytes.js';
import { FormatError, Problem } from '../core/errors.js';
import { openDirectory } from '../journal/directory-view.js';
import type { JournalView } from '../journal/journal-view.js';
import type { SegmentIndex } from '../reader/blocks.js';
import { idLength } from '../reader/id.js';
import { type KeyChanges, keyChanges } from '../reader/key-changes.js';
import type { Mail } from '../reader/mail.js';
import { type MailboxContents, openMailbox } from '../reader/mailbox.js';
import type { Pin } from '../reader/pins.js';
import type { Survey } from '../reader/survey.js';
import { dataDirectory } from './data-directory.js';
import { loadIdentities } from './identities.js';
import { say } from './output.js';
import { type KeySetChanges, loadPinsFile, type PinsFile, pinsFile, savePins } from './pins-file.js';
import { recallKeySets, tellKeyChanges } from './told-keys.js';

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

/** Runs with the mailbox of the given identities open. Damage that was met on the way, and other keys, are said on standard error. */
export async function withMailbox(
  options: ReadingOptions,
  use: (
    contents: MailboxContents,
    index: SegmentIndex,
    found: Survey,
    changes: KeyChanges,
    journal: Uint8Array,
  ) => Promise<void>,
): Promise<void> {
  const identities = await loadIdentities(options.identity);
  await withJournal(options.data, (view) =>
    withPins(options.pins, view, async (pins, kept) => {
      const recalled = recallKeySets(kept, identities, view.id, pinsFile(options.pins));
      const { contents, index, found } = await openMailbox(view, identities, pins);
      for (const fault of contents.faults) say(`obalka: ${fault}`);
      for (const words of contents.unfound) say(`obalka: ${words}`);
      for (const { id, place, fault } of contents.damaged) say(`obalka: ${place}: ${fault} (mail ${id})`);
      if (found.pinFaults > 0) say(...found.lineage);
      sayHowToMend(found.pinFaults, options.pins);
      const changes = keyChanges(contents.mails, (identity) => recalled.of(identity).last);
      tellKeyChanges(changes, recalled);
      await use(contents, index, found, changes, view.id);
      // As with pins: what is not the journal that it was changes nothing of what is remembered.
      const keySets = found.pinFaults > 0 ? undefined : recalled.seen(changes);
      return { seen: { ...found, ...(keySets && { keySets }) }, result: undefined };
    }),
  );
}

/** What to do if a journal is not what it was: the pins are as they were, until a person decides. */
export function sayHowToMend(pinFaults: number, option: string | undefined): void {
  if (pinFaults === 0) return;
  process.exitCode = 5;
  say(
    `obalka: this journal is not the one that was read before, or has lost what it had; if you know why (a backup was put back), move ${pinsFile(option)} away to begin anew`,
  );
}

const shortestPrefix = 4;

/** The mail that an id, or an unambiguous beginning of one, names. Throws Problem. */
export function findMail(contents: MailboxContents, id: string): Mail {
  const word = id.toLowerCase();
  if (word.length < shortestPrefix)
    throw new Problem('usage', `${id}: give at least the first ${shortestPrefix} letters of an id`);
  const found = contents.mails.filter((mail) => mail.id.startsWith(word));
  const [mail] = found;
  // The envelope of a mail may have been copied elsewhere: the mail is the first that opens.
  const others = found.filter((other) => other.id !== mail?.id);
  const damaged = contents.damaged.find((other) => other.id === word);
  const expired = contents.expired.find((other) => other.mail.id.startsWith(word));
  if (!mail && expired)
    throw new Problem(
      'missing',
      `${expired.mail.id}: this mail is expired: its content was in segment ${expired.segment}, which was dropped`,
    );
  const erased = contents.erased.find((other) => other.startsWith(word));
  if (!mail && erased !== undefined) throw new Problem('missing', `${erased}: this mail was erased`);
  if (!mail && damaged) throw new FormatError(damaged.place, damaged.fault);
  if (!mail)
    throw new Problem('missing', `${id}: no mail with this id in this mailbox; "obalka list" shows the ids`);
  if (others.length > 0)
    throw new Problem(
      'usage',
      `${id}: ${found.length} mails begin so; give all ${idLength} letters of the id`,
    );
  return mail;
}
