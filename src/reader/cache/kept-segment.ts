/** Kept segment: what is known of a segment that was looked through for one identity, and whether it still holds. */
import { hex } from '../../core/bytes.js';
import { FormatError } from '../../core/errors.js';
import { cellHash, cellSizes, isErased, leafData } from '../../format/cell.js';
import type { SegmentStamp, SegmentView } from '../../journal/journal-view.js';
import { openEnvelope } from '../../seal/envelope.js';
import { idOf } from '../id.js';
import type { LiveSegment } from '../survey.js';
import { type BareMail, keyOf, type ListedMail } from './listed-mail.js';
import { cellsAtOnce, channelSum, tagSum } from './sums.js';

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

/** Under which name a segment is kept. */
export function keptName({ place }: SegmentView): string {
  return `${hex(place.lane)}/${place.segment}/${hex(place.id)}`;
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
  try {
    if (!stamp || before?.channels !== stamp.channels) {
      if ((await channelSum(view, kept.tried)) !== kept.channelSum) return false;
    }
    if (before && stamp && before.envelopes === stamp.envelopes) return true;
    // Another file may have the number that the old one had, and the same time: so the last cell is looked at always.
    if (kept.scanned > 0 && (await leafOf(view, kept.scanned - 1)) !== kept.leaf) return false;
    if (!(await tagsHold(view, kept))) return false;
    // As long as it grew, and its time is that of no erasure, what was there is as it was.
    if (hasGrown(before, stamp) && before?.erased !== undefined && before.erased === stamp?.erased)
      return true;
    return await envelopesHold(kept, view, mails());
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

/** Whether the stamps differ by more octets of envelopes: a stamp is "device inode size times". */
function hasGrown(before: SegmentStamp | undefined, stamp: SegmentStamp | undefined): boolean {
  const sizeIn = (one: SegmentStamp | undefined) => Number(one?.envelopes.split(' ')[2]);
  return sizeIn(stamp) > sizeIn(before);
}

async function tagsHold(view: SegmentView, { scanned, tags }: KeptSegment): Promise<boolean> {
  for (const [at, sum] of tags.entries()) if ((await tagSum(view, at, scanned)) !== sum) return false;
  return true;
}

/** Whether the envelopes of ours still open, and those that were erased are. */
async function envelopesHold(
  kept: KeptSegment,
  view: SegmentView,
  mails: readonly BareMail[] | undefined,
): Promise<boolean> {
  if (!mails) return false;
  const own = [
    ...mails.map((mail) => ({ id: mail.id, number: mail.number, key: keyOf(mail) })),
    ...kept.erased,
  ];
  own.sort((a, b) => a.number - b.number);
  const size = cellSizes.envelopes;
  for (let at = 0; at < own.length; ) {
    const first = own[at]?.number as number;
    const piece = own.slice(at).findIndex(({ number }) => number >= first + cellsAtOnce);
    const end = piece < 0 ? own.length : at + piece;
    const count = (own[end - 1]?.number as number) - first + 1;
    const cells = await view.read('envelopes', first, count);
    for (; at < end; at++) {
      const one = own[at] as { id: string; number: number; key?: Uint8Array };
      const cell = cells.subarray((one.number - first) * size, (one.number - first + 1) * size);
      if (cell.length < size || idOf(cell) !== one.id) return false;
      const isAsItWas = one.key ? openEnvelope(cell, one.key, view.place, one.number) : isErased(cell);
      if (!isAsItWas) return false;
    }
  }
  return true;
}

/** The leaf data of an envelope in hexadecimal: erasing does not change it. */
export async function leafOf(view: SegmentView, number: number): Promise<string> {
  const cell = await view.read('envelopes', number, 1);
  if (cell.length < cellSizes.envelopes) return 'none';
  return hex(leafData(cell, cellHash(cell, view.place, 'envelopes', number), 'envelopes'));
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
    earliest: Math.min(...times),
    latest: Math.max(...times),
  };
}
