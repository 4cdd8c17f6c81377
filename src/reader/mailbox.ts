/** Mailbox: the mail in a journal that a set of identities can open, in order of arrival. */
import { FormatError } from '../core/errors.js';
import type { Counts } from '../format/claim.js';
import { describePlace } from '../format/place.js';
import type { JournalView, SegmentView } from '../journal/journal-view.js';
import type { Identity } from '../seal/keys.js';
import { SegmentIndex } from './blocks.js';
import { Mail } from './mail.js';
import type { Pin } from './pins.js';
import { type OwnCell, type ScanReport, scanBuffers, scanSegment } from './segment-scan.js';
import { type Survey, survey } from './survey.js';

/** One envelope of ours that cannot be opened. */
export interface DamagedMail {
  readonly id: string;
  readonly place: string;
  readonly fault: string;
}

export interface MailboxContents {
  /** Oldest first, by receive time. */
  readonly mails: readonly Mail[];
  readonly damaged: readonly DamagedMail[];
  /** Ids of erased envelopes of ours. */
  readonly erased: readonly string[];
  /** Envelopes whose blocks never all reached the disk: they were never acknowledged. */
  readonly void: number;
  /** Mails whose blocks, or some of them, were in a segment that was dropped; oldest first. */
  readonly expired: readonly ExpiredMail[];
  /** What of the journal could not be read at all, and what is not as it was when it was pinned. */
  readonly faults: readonly string[];
  /** Segments that may hold more mail of ours: a channel is lost there, and one of our keys has none. Each a place, and words. */
  readonly unfound: readonly string[];
}

/** A mail that nobody can read any more, and nothing is the matter. */
export interface ExpiredMail {
  readonly mail: Mail;
  /** The number of a segment that was dropped. */
  readonly segment: number;
}

/**
 * Finds all mail of the identities in a journal, and holds it against the reader's pins. Damage is collected, never
 * thrown: whatever opens is listed.
 */
export async function openMailbox(
  view: JournalView,
  identities: readonly Identity[],
  pins: readonly Pin[] = [],
): Promise<{ contents: MailboxContents; index: SegmentIndex; found: Survey }> {
  const found = await survey(view, pins);
  return { ...(await openSurveyed(found, identities)), found };
}

/** The same, in a journal that was surveyed. */
export async function openSurveyed(
  found: Survey,
  identities: readonly Identity[],
): Promise<{ contents: MailboxContents; index: SegmentIndex }> {
  const live = found.lanes.flatMap((lane) => lane.live);
  const index = new SegmentIndex(
    live.map(({ view }) => view),
    found.lanes.flatMap((lane) =>
      lane.dropped.map(({ dropped, checkpoint }) => ({ ...dropped, blocks: checkpoint.trees.blocks.size })),
    ),
  );
  const scan: Scan = {
    mails: [],
    expired: [],
    damaged: [],
    faults: [...found.faults],
    unfound: [],
    erased: [],
    void: 0,
  };
  const buffers = scanBuffers();
  const seekers = identities.map((identity) => ({ identity, from: 0 }));
  for (const { view, claim } of live)
    await scanSegment(view, claim, seekers, buffers, reportTo(scan, view, claim, index)).catch(
      (error: unknown) => {
        if (!(error instanceof FormatError)) throw error;
        scan.faults.push(error.message);
      },
    );
  // The sort is stable: mails of one lane and millisecond stay in the order of their cells.
  scan.mails.sort((a, b) => a.receivedAt - b.receivedAt);
  scan.expired.sort((a, b) => a.mail.receivedAt - b.mail.receivedAt);
  return { contents: scan, index };
}

interface Scan {
  readonly mails: Mail[];
  readonly expired: ExpiredMail[];
  readonly damaged: DamagedMail[];
  readonly faults: string[];
  readonly unfound: string[];
  readonly erased: string[];
  void: number;
}

function reportTo(scan: Scan, { place }: SegmentView, claim: Counts, index: SegmentIndex): ScanReport {
  const own = async ({ identity, id, number, content }: OwnCell) => {
    if (content === 'erased') return void scan.erased.push(id);
    if (content === 'void') return void scan.void++;
    const where = describePlace(place, 'envelopes', number);
    if ('fault' in content) return void scan.damaged.push({ id, place: where, fault: content.fault });
    try {
      const mail = new Mail(id, identity, place, number, content);
      const dropped = index.mayBeExpired(mail) ? await index.expired(mail) : undefined;
      if (dropped !== undefined) scan.expired.push({ mail, segment: dropped });
      else if (number < claim.envelopes || (await index.allStand(mail))) scan.mails.push(mail);
      else scan.void++;
    } catch (error) {
      const fault = error instanceof FormatError ? error.fault : String(error);
      scan.damaged.push({ id, place: where, fault });
    }
  };
  return {
    own,
    fault: (words) => scan.faults.push(words),
    unfound: (words) => scan.unfound.push(words),
  };
}
