/** Opening a journal to read it: the data directory itself, a journal folder alone, or a copy of either. */
import { join } from 'node:path';
import { FormatError, Problem } from '../core/errors.js';
import { openDirectory } from '../journal/directory-view.js';
import type { JournalView } from '../journal/journal-view.js';
import type { SegmentIndex } from '../reader/blocks.js';
import { idLength } from '../reader/id.js';
import type { Mail } from '../reader/mail.js';
import { type MailboxContents, openMailbox } from '../reader/mailbox.js';
import { dataDirectory, exists } from './data-directory.js';
import { loadIdentities } from './identities.js';
import { say } from './output.js';

export interface ReadingOptions {
  readonly data?: string;
  readonly identity: readonly string[];
}

/** Runs with the journal open, and closes it whatever happens. */
export async function withJournal<T>(
  data: string | undefined,
  use: (view: JournalView) => Promise<T>,
): Promise<T> {
  const { path, journal } = dataDirectory(data);
  const view = await openDirectory((await exists(join(path, 'journal', 'journal'))) ? journal : path);
  try {
    return await use(view);
  } finally {
    await view.close();
  }
}

/** Runs with the mailbox of the given identities open. Damage that was met on the way is said on standard error. */
export async function withMailbox<T>(
  options: ReadingOptions,
  use: (contents: MailboxContents, index: SegmentIndex) => Promise<T>,
): Promise<T> {
  const identities = await loadIdentities(options.identity);
  return withJournal(options.data, async (view) => {
    const { contents, index } = await openMailbox(view, identities);
    for (const fault of contents.faults) say(`obalka: ${fault}`);
    for (const { id, place, fault } of contents.damaged) say(`obalka: ${place}: ${fault} (mail ${id})`);
    return use(contents, index);
  });
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
