/** Kept segment: what is known of a segment that was looked through for one identity, and whether it still holds. */
import { hex } from '../../core/bytes.js';
import { greatest, least } from '../../core/long-lists.js';
import type { SegmentStamp, SegmentView } from '../../journal/journal-view.js';
import type { LiveSegment } from '../survey.js';
import type { BareMail, ListedMail } from './listed-mail.js';

/** Where mails of a segment are kept, and what a list needs to know before it reads them. */
export interface KeptPage {
  readonly name: string;
  readonly count: number;
  /** Numbers of its first and last envelope. */
  readonly first: number;
  readonly last: number;
  /** The earliest and latest receive time. */
  readonly earliest: number;
  readonly latest: number;
}

/** A mail whose blocks are in other segments too: it expires with them. */
export interface Spanning {
  readonly id: string;
  readonly number: number;
  readonly segments: readonly number[];
}

export interface KeptSegment {
  /** lane/number/id: what segment it is. */
  readonly name: string;
  /** Drawn when it was looked through from its beginning. */
  readonly generation: string;
  /** Envelopes below this number were looked at, and what they are is settled. */
  readonly scanned: number;
  /** Leaf data of the last of them in hexadecimal; empty if there is none. */
  readonly leaf: string;
  /** Sums of the tags of the settled envelopes, piece by piece; none while no channel was opened. */
  readonly tags: readonly string[];
  /** Channels below this number were tried, and are whole. */
  readonly tried: number;
  /** The sum of their cells. */
  readonly channelSum: string;
  readonly channels: readonly { readonly number: number; readonly runs: number }[];
  readonly stamp: SegmentStamp | undefined;
  readonly pages: readonly KeptPage[];
  readonly erased: readonly { readonly id: string; readonly number: number }[];
  readonly spanning: readonly Spanning[];
}

/** Asked for several times of each of hundreds. */
const names = new WeakMap<SegmentView, string>();

/** Under which name a segment is kept. */
export function keptName(view: SegmentView): string {
  let name = names.get(view);
  if (name === undefined) {
    const { place } = view;
    name = `${hex(place.lane)}/${place.segment}/${hex(place.id)}`;
    names.set(view, name);
  }
  return name;
}

/**
 * Whether all that is known of a segment is still so (spec/cache.md, What still holds). `mails` gives those that are kept;
 * undefined if they are lost.
 */
export async function stillHolds(
  kept: KeptSegment,
  { view, claim }: LiveSegment,
  stamp: SegmentStamp | undefined,
  mails: () => readonly BareMail[] | undefined,
): Promise<boolean> {
  if (kept.scanned > Math.min(view.counts.envelopes, claim.envelopes)) return false;
  if (kept.tried > view.counts.channels || claim.channels > view.counts.channels) return false;
  const { stamp: before } = kept;
  if (stamp && before?.channels === stamp.channels && before.envelopes === stamp.envelopes) return true;
  // Where nothing changed, no cell is read, and what reads them is not loaded.
  const { cellsHold } = await import('./kept-cells.js');
  return cellsHold(kept, view, stamp, mails);
}

/** Whether two stamps say the same. */
export function sameStamp(one: SegmentStamp | undefined, other: SegmentStamp | undefined): boolean {
  return one?.channels === other?.channels && one?.envelopes === other?.envelopes;
}

/** The pages of a segment, cut where a mail may be looked for by its number. */
export function pageOf(name: string, mails: readonly ListedMail[]): KeptPage {
  const times = mails.map(({ receivedAt }) => receivedAt);
  return {
    name,
    count: mails.length,
    first: mails[0]?.number ?? 0,
    last: mails.at(-1)?.number ?? 0,
    earliest: least(times),
    latest: greatest(times),
  };
}
