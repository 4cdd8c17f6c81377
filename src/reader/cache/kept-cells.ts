/** Kept cells: whether the cells of a segment that changed somehow are still what is known of them. */
import { hex } from '../../core/bytes.js';
import { FormatError } from '../../core/errors.js';
import { cellHash, cellSizes, isErased, leafData } from '../../format/cell.js';
import type { SegmentStamp, SegmentView } from '../../journal/journal-view.js';
import { openEnvelope } from '../../seal/envelope.js';
import { idOf } from '../id.js';
import type { KeptSegment } from './kept-segment.js';
import { type BareMail, keyOf } from './listed-mail.js';
import { cellsAtOnce, channelSum, tagSum } from './sums.js';

/** Whether all cells that matter are as they were; those that the stamps answer for are not read. `mails` as in stillHolds. */
export async function cellsHold(
  kept: KeptSegment,
  view: SegmentView,
  stamp: SegmentStamp | undefined,
  mails: () => readonly BareMail[] | undefined,
): Promise<boolean> {
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
