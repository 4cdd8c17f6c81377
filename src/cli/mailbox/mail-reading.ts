/** Mail reading: a mailbox opened for a command, with what earlier readings kept of it, and what this one adds. */
import { FormatError, Problem } from '../../core/errors.js';
import type { JournalView } from '../../journal/journal-view.js';
import { Keeper } from '../../reader/cache/keeper.js';
import { KnownSegments } from '../../reader/cache/known-segments.js';
import { listedKeyChanges } from '../../reader/cache/listed-keys.js';
import type { ListedMail } from '../../reader/cache/listed-mail.js';
import { ListedMailbox } from '../../reader/cache/listed-mailbox.js';
import { markRows, ReadMarks } from '../../reader/cache/read-marks.js';
import type { RowsFile } from '../../reader/cache/rows-file.js';
import { CacheDamage, rowsInMemory } from '../../reader/cache/sealed-rows.js';
import { idLength } from '../../reader/id.js';
import type { KeyChanges } from '../../reader/key-changes.js';
import { survey } from '../../reader/survey.js';
import type { Identity } from '../../seal/keys.js';
import { type ReadingOptions, sayHowToMend, withJournal, withPins } from '../data/journal-reading.js';
import { loadIdentities } from '../keys/identities.js';
import { recallKeySets, tellKeyChanges } from '../keys/told-keys.js';
import { random } from '../random.js';
import { say } from '../terminal/output.js';
import { Progress } from '../terminal/progress.js';
import { cacheFile, cacheFolder, openCache, removeCache } from './cache-file.js';
import { pinsFile } from './pins-file.js';

export interface MailReadingOptions extends ReadingOptions {
  readonly cache?: string;
}

/** A mailbox, for a command to use. */
export interface OpenMailbox {
  readonly mailbox: ListedMailbox;
  readonly changes: KeyChanges;
  readonly identities: readonly Identity[];
  /** The journal's id. */
  readonly journal: Uint8Array;
  /** The read marks of an identity; undefined without a cache. */
  marksOf(identity: Identity): ReadMarks | undefined;
  /** The rows of an identity's cache, for what else is kept of its mail; undefined without a cache. */
  rowsOf(identity: Identity): RowsFile | undefined;
}

/**
 * Runs with the mailbox of the given identities open. Damage that was met on the way, and other keys, are said on standard
 * error.
 */
export async function withMail(
  options: MailReadingOptions,
  use: (opened: OpenMailbox) => Promise<void>,
): Promise<void> {
  const identities = await loadIdentities(options.identity);
  await withJournal(options.data, (view) =>
    withPins(options.pins, view, async (pins, kept) => {
      const recalled = recallKeySets(kept, identities, view.id, pinsFile(options.pins));
      return withKeepers(options.cache, identities, view, async (keepers, rows) => {
        const keeping = keepers.find(({ identity }) => rows.has(identity));
        const known = keeping && new KnownSegments(keeping, Date.now);
        const found = await survey(view, pins, known);
        const progress = new Progress('looking for mail');
        const mailbox = await ListedMailbox.open(found, keepers, (done, total) =>
          progress.at(done, total),
        ).finally(() => progress.end());
        const { faults, unfound, damaged } = mailbox.findings;
        for (const words of [...faults, ...unfound]) say(`obalka: ${words}`);
        for (const { id, place, fault } of damaged) say(`obalka: ${place}: ${fault} (mail ${id})`);
        if (found.pinFaults > 0) say(...found.lineage);
        sayHowToMend(found.pinFaults, options.pins);
        const changes = await listedKeyChanges(mailbox, keepers, (identity) => recalled.of(identity).last);
        tellKeyChanges(changes, recalled);
        known?.save();
        for (const keeper of keepers) keeper.save();
        const marks = new Map([...rows].map(([identity, file]) => [identity, new ReadMarks(file)]));
        await use({
          mailbox,
          changes,
          identities,
          journal: view.id,
          marksOf: (identity) => marks.get(identity),
          rowsOf: (identity) => rows.get(identity),
        });
        // As with pins: what is not the journal that it was changes nothing of what is remembered.
        const keySets = found.pinFaults > 0 ? undefined : recalled.seen(changes);
        return { seen: { ...found, ...(keySets && { keySets }) }, result: undefined };
      });
    }),
  );
}

/** Runs with what is kept for each identity, or with nothing kept where there is no cache. */
async function withKeepers<T>(
  option: string | undefined,
  identities: readonly Identity[],
  view: JournalView,
  use: (keepers: readonly Keeper[], rows: ReadonlyMap<Identity, RowsFile>) => Promise<T>,
): Promise<T> {
  const rows = new Map<Identity, RowsFile>();
  let keepers: Keeper[] = [];
  try {
    keepers = identities.map((identity) => {
      const file = openCache(option, identity, view.id);
      if (!file) return new Keeper(identity, rowsInMemory(), random);
      rows.set(identity, file);
      file.hold();
      const keeper = new Keeper(identity, file, random);
      if (!keeper.isDamaged) return keeper;
      startOver(file);
      file.hold();
      return new Keeper(identity, file, random);
    });
    return await use(keepers, rows);
  } catch (error) {
    if (!(error instanceof CacheDamage)) throw error;
    for (const identity of identities) forget(option, identity, view.id, rows.get(identity));
    throw new Problem(
      'later',
      `the cache was damaged while it was read, and is thrown away: ${error.message}; try again`,
    );
  } finally {
    for (const keeper of keepers) if (keeper.isDamaged) startOver(rows.get(keeper.identity));
    for (const file of rows.values()) file.close();
  }
}

/** What can be read of the marks stays. */
function startOver(file: RowsFile | undefined): void {
  say('obalka: the cache was damaged, and is made anew');
  file?.startOver(markRows);
}

function forget(
  option: string | undefined,
  identity: Identity,
  journal: Uint8Array,
  file: RowsFile | undefined,
): void {
  const folder = cacheFolder(option);
  file?.release();
  if (folder !== undefined) removeCache(cacheFile(folder, identity, journal));
}

const shortestPrefix = 4;

/** The mail that an id, or an unambiguous beginning of one, names. Throws Problem; FormatError if it is damaged. */
export async function findListed({ mailbox }: OpenMailbox, id: string): Promise<ListedMail> {
  const word = id.toLowerCase();
  if (word.length < shortestPrefix)
    throw new Problem('usage', `${id}: give at least the first ${shortestPrefix} letters of an id`);
  const found = await mailbox.beginningWith(word);
  const [mail] = found;
  // The envelope of a mail may have been copied elsewhere: the mail is the first that opens.
  const others = found.filter((other) => other.id !== mail?.id);
  if (mail && others.length === 0) return mail;
  if (mail)
    throw new Problem(
      'usage',
      `${id}: ${found.length} mails begin so; give all ${idLength} letters of the id`,
    );
  const expired = mailbox.expired.find((other) => other.id.startsWith(word));
  if (expired)
    throw new Problem(
      'missing',
      `${expired.id}: this mail is expired: its content was in segment ${expired.segment}, which was dropped`,
    );
  const erased = mailbox.erased.find((other) => other.startsWith(word));
  if (erased !== undefined) throw new Problem('missing', `${erased}: this mail was erased`);
  const damaged = mailbox.findings.damaged.find((other) => other.id === word);
  if (damaged) throw new FormatError(damaged.place, damaged.fault);
  throw new Problem('missing', `${id}: no mail with this id in this mailbox; "obalka list" shows the ids`);
}
