/** Look: what each identity has in a segment, from what is known of it if that still holds; else it is sought. */
import type { SegmentIndex } from '../blocks.js';
import type { DamagedMail } from '../mailbox.js';
import type { LiveSegment } from '../survey.js';
import type { Keeper } from './keeper.js';
import { type KeptSegment, keptName, sameStamp, stillHolds } from './kept-segment.js';
import type { BareMail, ListedMail } from './listed-mail.js';
import type { Wanted } from './seek.js';

/** What is collected over all segments. */
export interface Findings {
  readonly damaged: DamagedMail[];
  readonly faults: string[];
  readonly unfound: string[];
  void: number;
}

/** What one identity has in a segment. */
export interface OwnSegment {
  readonly keeper: Keeper;
  readonly live: LiveSegment;
  /** What is settled; its pages have the mails. Undefined if nothing is. */
  readonly kept: KeptSegment | undefined;
  /** Mails that are not settled: above the claim, or behind damage. They are found anew each time. */
  readonly tail: readonly ListedMail[];
  /** Ids of erased ones that are not settled. */
  readonly erased: readonly string[];
  /** Those of the tail that are expired, with the segment that was dropped. */
  readonly expired: readonly { readonly mail: ListedMail; readonly segment: number }[];
}

/** Looks at what is new in a segment, or at all of it where what was known does not hold. */
export async function look(
  live: LiveSegment,
  keepers: readonly Keeper[],
  index: () => Promise<SegmentIndex>,
  findings: Findings,
): Promise<OwnSegment[]> {
  const { view } = live;
  const name = keptName(view);
  // Before anything is read: what changes meanwhile is met next time.
  const stamp = await view.stamp?.();
  const wanted: Wanted[] = [];
  const done: OwnSegment[] = [];
  for (const keeper of keepers) {
    let kept = keeper.segment(name);
    const known = kept;
    const holds = known && (await stillHolds(known, live, stamp, () => allMails(keeper, known, live)));
    const isDone = kept && kept.scanned === view.counts.envelopes && kept.tried === view.counts.channels;
    let before: BareMail[] | undefined;
    if (known && !holds) {
      // It is forgotten only where all of it is found again.
      const end = Math.min(view.counts.envelopes, live.claim.envelopes);
      before = allMails(keeper, known, live)?.filter(({ number }) => number < end);
      kept = undefined;
    } else if (known && !isDone && !keeper.canAddTo(known.pages, view.place)) {
      keeper.forget(name);
      kept = undefined;
    }
    if (!kept || !isDone) wanted.push({ keeper, kept, before });
    else {
      if (!sameStamp(kept.stamp, stamp)) keeper.keep({ ...kept, stamp });
      done.push({ keeper, live, kept, tail: [], erased: [], expired: [] });
    }
  }
  if (wanted.length === 0) return done;
  // Most readings find nothing new: what seeks is not even loaded then.
  const { seek } = await import('./seek.js');
  return [...done, ...(await seek(live, wanted, stamp, await index(), findings))];
}

function allMails(keeper: Keeper, kept: KeptSegment, { view }: LiveSegment): BareMail[] | undefined {
  const all: BareMail[] = [];
  for (const page of kept.pages) {
    const mails = keeper.bareMailsOf(page, view.place);
    if (!mails) return undefined;
    for (const mail of mails) all.push(mail);
  }
  return all;
}
