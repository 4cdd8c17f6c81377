/** Segment state: which files a segment has, how long they are, and when they were written and changed last. */
import { statSync } from 'node:fs';
import { cellSizes } from '../format/cell.js';
import type { Counts } from '../format/claim.js';
import { headSize } from '../format/head.js';
import type { Stream } from '../format/place.js';
import { isErasedTime } from './erased-time.js';
import type { SegmentStamp } from './journal-view.js';
import { checkpointFile, claimFile, mirrorFile } from './names.js';

const options = { bigint: true, throwIfNoEntry: false } as const;

export interface SegmentState {
  /** "device inode size times" of every file, one behind the other; nothing for a checkpoint that is not there. */
  readonly text: string;
  /** Whole cells by the files' lengths; of the channels, in whichever of the two copies has more. */
  readonly counts: Counts;
  readonly stamp: SegmentStamp;
  /** When a file was written or changed last: milliseconds since 1970. */
  readonly changedAt: number;
}

/** How the files of a segment are now; undefined if one that it must have is missing, or cannot be looked at. */
export function stateNow(folder: string): SegmentState | undefined {
  try {
    // A thousand are looked at: a path that is joined costs as much as the look.
    const of = (name: string) => statSync(`${folder}/${name}`, options);
    const channels = of('channels');
    const mirror = of(mirrorFile);
    const envelopes = of('envelopes');
    const blocks = of('blocks');
    const claim = of(claimFile);
    const checkpoint = of(checkpointFile);
    if (!channels || !mirror || !envelopes || !blocks || !claim) return undefined;
    const all = [channels, mirror, envelopes, blocks, claim, ...(checkpoint ? [checkpoint] : [])];
    if (!all.every((stats) => stats.isFile())) return undefined;
    const texts = { channels: `${textOf(channels)} ${textOf(mirror)}`, envelopes: textOf(envelopes) };
    const seconds = Number(envelopes.mtimeNs) / 1e9;
    const counts = {
      channels: Math.max(cellsIn(channels, 'channels'), cellsIn(mirror, 'channels')),
      envelopes: cellsIn(envelopes, 'envelopes'),
      blocks: cellsIn(blocks, 'blocks'),
    };
    return {
      text: `${texts.channels} ${texts.envelopes} ${textOf(blocks)} ${textOf(claim)} ${checkpoint ? textOf(checkpoint) : ''}`,
      counts,
      stamp: {
        ...texts,
        // The time counts the erased cells: as long as it is the same, none was erased.
        erased: isErasedTime(seconds, counts.envelopes)
          ? `${envelopes.dev} ${envelopes.ino} ${seconds}`
          : undefined,
      },
      changedAt: Math.max(...all.flatMap(({ mtimeNs, ctimeNs }) => [Number(mtimeNs), Number(ctimeNs)])) / 1e6,
    };
  } catch {
    return undefined;
  }
}

interface FileStats {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

function textOf({ dev, ino, size, mtimeNs, ctimeNs }: FileStats): string {
  return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

function cellsIn({ size }: FileStats, stream: Stream): number {
  return Math.max(0, Math.floor((Number(size) - headSize) / cellSizes[stream]));
}
