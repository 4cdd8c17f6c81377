/** Grown journal: a lane to which years of mail were added, as files with holes in them, and a last segment that a crash left. */
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { cellHash, cellSizes, checkSize } from '../../src/format/cell.js';
import { type Counts, encodeClaim, noCells } from '../../src/format/claim.js';
import { decodeLaneHead, encodeSegmentHead, headSize, type PreviousSegment } from '../../src/format/head.js';
import type { SegmentPlace, Stream } from '../../src/format/place.js';
import { streams } from '../../src/format/place.js';

export interface Growth {
  /** The data directory, with a lane that has no more than one segment. */
  readonly data: string;
  /** Segments to be added before the last. Their cells are holes, and nobody looks at them. */
  readonly closed: number;
  /** Octets of blocks of each of them. */
  readonly octets: number;
  /** Cells of the last segment, which has no checkpoint; they match their checks. */
  readonly open: Counts;
}

/** Adds segments to the only lane. Gives the folder of the last. */
export function growJournal({ data, closed, octets, open }: Growth): string {
  const journal = join(data, 'journal');
  const name = readdirSync(journal).find((one) => one.startsWith('lane-')) as string;
  const lane = join(journal, name);
  const head = decodeLaneHead(readFileSync(join(lane, 'lane')), lane);
  const first = readdirSync(lane).filter((one) => one.startsWith('segment-')).length;
  let previous: PreviousSegment | undefined;
  let folder = lane;
  for (let segment = first; segment <= first + closed; segment++) {
    const isLast = segment === first + closed;
    const place = { journal: head.journal, lane: head.lane, segment, id: new Uint8Array(16).fill(segment) };
    const counts = isLast ? open : { ...noCells, blocks: Math.floor(octets / cellSizes.blocks) };
    folder = join(lane, `segment-${String(segment).padStart(8, '0')}`);
    mkdirSync(folder, { mode: 0o700 });
    for (const stream of streams) {
      const begin = encodeSegmentHead({ ...place, stream, week: '2026-W01', previous });
      for (const file of stream === 'channels' ? [stream, 'channels.mirror'] : [stream])
        writeStream(join(folder, file), begin, place, stream, counts[stream], isLast);
    }
    writeFileSync(join(folder, 'synced'), encodeClaim(counts, place));
    const extent = (stream: Stream) => ({ claim: counts[stream], end: counts[stream] });
    const extents = {
      channels: extent('channels'),
      envelopes: extent('envelopes'),
      blocks: extent('blocks'),
    };
    previous = { segment, id: place.id, extents };
  }
  return folder;
}

/** Bodies of zeros, which take no room on the disk; with checks that hold, if they are to be hashed. */
function writeStream(
  path: string,
  head: Uint8Array,
  place: SegmentPlace,
  stream: Stream,
  count: number,
  isChecked: boolean,
): void {
  const size = cellSizes[stream];
  writeFileSync(path, head, { mode: 0o600 });
  truncateSync(path, headSize + count * size);
  if (!isChecked) return;
  const file = openSync(path, 'r+');
  const cell = new Uint8Array(size);
  for (let number = 0; number < count; number++) {
    const hash = cellHash(cell, place, stream, number);
    writeSync(file, hash, 0, checkSize, headSize + (number + 1) * size - checkSize);
  }
  closeSync(file);
}
