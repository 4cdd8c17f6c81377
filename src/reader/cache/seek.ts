/** Seek: one segment looked through for identities that do not know all of it, and what came of it for each. */
import { FormatError } from '../../core/errors.js';
import type { SegmentStamp } from '../../journal/journal-view.js';
import type { SegmentIndex } from '../blocks.js';
import { scanBuffers, scanSegment } from '../segment-scan.js';
import type { LiveSegment } from '../survey.js';
import type { Keeper } from './keeper.js';
import type { KeptSegment } from './kept-segment.js';
import type { BareMail } from './listed-mail.js';
import type { Findings, OwnSegment } from './look.js';
import { Seeking } from './seeking.js';
import { TagSums } from './sums.js';

/** For whom a segment is looked through, and what is known of it and holds. */
export interface Wanted {
  readonly keeper: Keeper;
  readonly kept: KeptSegment | undefined;
  /** Mails that were known, where what was known does not hold any more. */
  readonly before?: readonly BareMail[] | undefined;
}

/** Segments are looked through one after the other. */
let buffers: readonly Uint8Array[] | undefined;

/** Finds what is new in a segment, and keeps what is settled of it. Damage is collected, never thrown. */
export async function seek(
  live: LiveSegment,
  wanted: readonly Wanted[],
  stamp: SegmentStamp | undefined,
  index: SegmentIndex,
  findings: Findings,
): Promise<OwnSegment[]> {
  const { view, claim } = live;
  const seekers = wanted.map(
    ({ keeper, kept, before }) => new Seeking(keeper, kept, before, live, index, findings),
  );
  const sums = new TagSums();
  const seekerOf = new Map(seekers.map((seeker) => [seeker.identity, seeker]));
  let settled = Math.min(claim.envelopes, view.counts.envelopes);
  buffers ??= scanBuffers();
  const result = await scanSegment(view, claim, seekers, buffers, {
    own: (cell) => seekerOf.get(cell.identity)?.own(cell),
    piece: (first, cells) => sums.passed(first, cells),
    fault: (words, envelope) => {
      if (envelope !== undefined) settled = Math.min(settled, envelope);
      findings.faults.push(words);
    },
    unfound: (words) => findings.unfound.push(words),
  }).catch((error: unknown) => {
    if (!(error instanceof FormatError)) throw error;
    findings.faults.push(error.message);
    return undefined;
  });
  const done: OwnSegment[] = [];
  for (const [at, seeker] of seekers.entries()) {
    const own = result?.seekers[at];
    const isWhole = result?.allTried === true && own !== undefined;
    done.push(await seeker.end(isWhole ? { ...own, tried: result.tried, settled, stamp, sums } : undefined));
  }
  return done;
}
