/** Listed keys: the key changes of a listed mailbox; only mails that no earlier reading looked at are read for it. */

import { append } from '../../core/long-lists.js';
import type { Identity } from '../../seal/keys.js';
import type { KeyChange, KeyChanges, SeenKeys } from '../key-changes.js';
import type { Keeper } from './keeper.js';
import { KeyReading } from './kept-keys.js';
import type { BareMail } from './listed-mail.js';
import type { ListedMailbox } from './listed-mailbox.js';
import type { OwnSegment } from './look.js';

/** Goes through the mails of each identity in the order of reading. What is remembered counts as in keyChanges. */
export async function listedKeyChanges(
  mailbox: ListedMailbox,
  keepers: readonly Keeper[],
  remembered: (identity: Identity) => readonly SeenKeys[],
): Promise<KeyChanges> {
  const readings = new Map<Identity, KeyReading>();
  const anew: Keeper[] = [];
  for (const keeper of keepers) {
    const reading = await resumed(mailbox, keeper, remembered(keeper.identity));
    if (reading) readings.set(keeper.identity, reading);
    else anew.push(keeper);
  }
  if (anew.length > 0)
    for (const [identity, reading] of await readAll(mailbox, anew, remembered))
      readings.set(identity, reading);
  for (const keeper of keepers) {
    const own = mailbox.segments.filter((segment) => segment.keeper === keeper);
    if (own.some(({ tail }) => tail.length > 0)) continue;
    keeper.keys = readings.get(keeper.identity)?.kept(coveredBy(own), expiredOf(own, mailbox));
  }
  const all = [...readings.values()].flatMap(({ changes }) => changes);
  if (readings.size > 1) all.sort((a, b) => a.turn - b.turn);
  const byId = new Map<string, KeyChange>(all.map((change) => [change.mail.id, change]));
  return {
    all,
    of: ({ id }) => byId.get(id),
    last: (identity) => readings.get(identity)?.last() ?? [],
  };
}

function coveredBy(own: readonly OwnSegment[]): Record<string, number> {
  return Object.fromEntries(
    own.flatMap(({ kept }) => (kept ? [[kept.generation, countOf(kept)] as const] : [])),
  );
}

function countOf(kept: NonNullable<OwnSegment['kept']>): number {
  return kept.pages.reduce((sum, { count }) => sum + count, 0);
}

/** Ids of the settled ones of an identity that are expired. */
function expiredOf(own: readonly OwnSegment[], { expired }: ListedMailbox): string[] {
  const spanning = new Set(own.flatMap(({ kept }) => kept?.spanning.map(({ id }) => id) ?? []));
  return expired.map(({ id }) => id).filter((id) => spanning.has(id));
}

/** Goes on where an earlier reading ended; undefined if mails are gone since, or come between those it looked at. */
async function resumed(
  mailbox: ListedMailbox,
  keeper: Keeper,
  remembered: readonly SeenKeys[],
): Promise<KeyReading | undefined> {
  const { keys } = keeper;
  const reading = keys && KeyReading.resume(keys, keeper.identity, remembered);
  if (!keys || !reading) return undefined;
  const own = mailbox.segments.filter((segment) => segment.keeper === keeper);
  if (String(expiredOf(own, mailbox)) !== String(keys.expired)) return undefined;
  const covered = new Map(Object.entries(keys.covered));
  const added: BareMail[] = [];
  for (const { kept, live, tail } of own) {
    append(added, tail);
    if (!kept) continue;
    let skip = covered.get(kept.generation) ?? 0;
    covered.delete(kept.generation);
    if (countOf(kept) < skip) return undefined;
    for (const page of kept.pages) {
      const mails = skip < page.count ? keeper.bareMailsOf(page, live.view.place) : [];
      if (!mails) return undefined;
      append(added, mails.slice(skip));
      skip = Math.max(0, skip - page.count);
    }
  }
  if (covered.size > 0) return undefined;
  const left = new Set(mailbox.expired.map(({ id }) => id));
  const next = added.filter(({ id }) => !left.has(id)).sort((a, b) => a.receivedAt - b.receivedAt);
  return reading.take(next) ? reading : undefined;
}

async function readAll(
  mailbox: ListedMailbox,
  keepers: readonly Keeper[],
  remembered: (identity: Identity) => readonly SeenKeys[],
): Promise<Map<Identity, KeyReading>> {
  const readings = new Map<Identity, KeyReading>();
  for (const keeper of keepers) {
    const mails = await mailbox.bareMailsOf(keeper);
    const known = remembered(keeper.identity);
    const ids = new Set(known.length > 0 ? mails.map(({ id }) => id) : []);
    const reading = KeyReading.begin(
      keeper.identity,
      known.filter(({ id }) => !ids.has(id)),
    );
    reading.take(mails);
    readings.set(keeper.identity, reading);
  }
  return readings;
}
