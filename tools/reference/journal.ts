/** The journal as its reader sees it: journal.md, Places, Cells, Erased envelopes, and Algorithms: the reader. */
import { sha256 } from '@noble/hashes/sha2.js';
import { areZeros, ascii, equal, Fault, type Files, fromHex, join, unsigned } from './bytes.js';
import {
  type Claim,
  type Previous,
  readClaim,
  readJournalHead,
  readLaneHead,
  readSegmentHead,
  type Stream,
  streamNames,
  streams,
} from './heads.js';

/** A segment that can be read. `lengths` are whole cells; those of both copies of the channels stand apart. */
export type Segment = {
  journal: string;
  lane: string;
  number: number;
  id: string;
  folder: string;
  week: string;
  previous: Previous | undefined;
  /** Its own claim; undefined if `synced` claims nothing. */
  claimed: Claim | undefined;
  /** The effective claim. */
  claim: Claim;
  lengths: Record<Stream | 'channels.mirror', number>;
};

/** All segments that can be read, by lane and number, and the faults met on the way. */
export type Journal = { files: Files; id: string; segments: Segment[]; faults: Fault[] };

/** A cell with the H of its body at its place, and whether its check holds. */
export type Cell = { body: Uint8Array; H: Uint8Array; holds: boolean };

/** Journal.md, Places: the 65 octets. */
export function place(
  segment: Pick<Segment, 'journal' | 'lane' | 'number' | 'id'>,
  stream: Stream,
  n: number,
) {
  return join(
    fromHex(segment.journal),
    fromHex(segment.lane),
    unsigned(segment.number, 8),
    fromHex(segment.id),
    unsigned(streams[stream].code, 1),
    unsigned(n, 8),
  );
}

/** A position in words (journal.md, Naming places). */
export function shown(segment: Pick<Segment, 'lane' | 'number'>, stream: Stream, n: number, mirror = false) {
  const cell = `${streams[stream].word} ${n}${mirror ? ' (mirror)' : ''}`;
  return `lane ${segment.lane.slice(0, 8)}, segment ${segment.number}, ${cell}`;
}

/** Journal.md, Cells: H. */
export function hashOf(at: Uint8Array, body: Uint8Array): Uint8Array {
  return sha256(join(ascii('obalka cell v1\n'), at, body));
}

/** Journal.md, Erased envelopes: whether a body has the form. */
export function isErased(body: Uint8Array): boolean {
  return areZeros(body.subarray(96)) && equal(sha256(body.subarray(32, 64)), body.subarray(0, 32));
}

/** Journal.md, Opening a journal. Throws the fault if the head `journal` is refused. */
export function openJournal(files: Files): Journal {
  const journal: Journal = { files, id: readJournalHead(files), segments: [], faults: [] };
  for (const folder of files.names('').sort()) {
    const lane = /^lane-([0-9a-f]{32})$/.exec(folder)?.[1];
    if (lane !== undefined) openLane(journal, folder, lane);
  }
  return journal;
}

/** Steps 2 to 5, and then the effective claims (journal.md, Effective claim). */
function openLane(journal: Journal, folder: string, lane: string): void {
  const at = `lane ${lane.slice(0, 8)}`;
  keepFault(journal.faults, () => {
    const head = readLaneHead(journal.files, `${folder}/lane`, at);
    if (head.journal !== journal.id) throw new Fault(at, 'the head is of another journal');
  });
  const numbers = journal.files
    .names(folder)
    .map((name) => /^segment-(\d{8}|[1-9]\d{8,9})$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map((digits) => ({ number: Number(digits), folder: `${folder}/segment-${digits}` }))
    .sort((a, b) => a.number - b.number);
  const segments = numbers
    .map(({ number, folder }) => openSegment(journal, folder, lane, number))
    .filter((segment) => segment !== undefined);
  segments.forEach((segment, i) => {
    const next = segments[i + 1]?.previous;
    const said = next?.segment === segment.number ? next.claim : undefined;
    for (const stream of streamNames)
      segment.claim[stream] = Math.max(segment.claimed?.[stream] ?? 0, said?.[stream] ?? 0);
  });
  journal.segments.push(...segments);
}

/** Steps 4 and 5: the heads, the claim, and then the lengths. */
function openSegment(journal: Journal, folder: string, lane: string, n: number): Segment | undefined {
  const { files, faults } = journal;
  const at = `lane ${lane.slice(0, 8)}, segment ${n}`;
  let segment: Segment | undefined;
  for (const file of ['channels', 'envelopes', 'blocks', 'channels.mirror'] as const) {
    keepFault(faults, () => {
      const stream = file === 'channels.mirror' ? 'channels' : file;
      const head = readSegmentHead(files, `${folder}/${file}`, stream, `${at}, ${file}`);
      if (head.journal !== journal.id || head.lane !== lane || head.segment !== n)
        throw new Fault(`${at}, ${file}`, 'the head is of another segment');
      if (segment !== undefined && segment.id !== head.id)
        throw new Fault(`${at}, ${file}`, 'the head has another id than those before');
      segment ??= {
        ...{ journal: journal.id, lane, number: n, id: head.id, folder },
        ...{ week: head.week, previous: head.previous },
        claimed: undefined,
        claim: { channels: 0, envelopes: 0, blocks: 0 },
        lengths: { channels: 0, 'channels.mirror': 0, envelopes: 0, blocks: 0 },
      };
    });
  }
  if (segment === undefined) {
    faults.push(new Fault(at, 'no head can be read'));
    return undefined;
  }
  segment.claimed = readClaim(files.read(`${folder}/synced`, 0, 74), place(segment, 'channels', 0));
  for (const file of ['channels', 'channels.mirror', 'envelopes', 'blocks'] as const) {
    const { size } = streams[file === 'channels.mirror' ? 'channels' : file];
    const octets = (files.length(`${folder}/${file}`) ?? 0) - 4096;
    segment.lengths[file] = Math.max(0, Math.floor(octets / size));
  }
  return segment;
}

export function keepFault(faults: Fault[], step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    faults.push(error);
  }
}

/** Journal.md, Streams: whole cells of a stream; the channels are as long as the longer copy. */
export function lengthOf(segment: Segment, stream: Stream): number {
  const { lengths } = segment;
  return stream === 'channels' ? Math.max(lengths.channels, lengths['channels.mirror']) : lengths[stream];
}

/** Cell n of one file, undefined if it is not there whole. */
export function cellOf(files: Files, segment: Segment, file: Stream | 'channels.mirror', n: number) {
  if (n >= segment.lengths[file]) return undefined;
  const stream = file === 'channels.mirror' ? 'channels' : file;
  const { size } = streams[stream];
  const cell = files.read(`${segment.folder}/${file}`, 4096 + n * size, size);
  if (cell.length < size) return undefined;
  const body = cell.subarray(0, size - 16);
  const H = hashOf(place(segment, stream, n), body);
  return { body, H, holds: equal(H.subarray(0, 16), cell.subarray(size - 16)) } satisfies Cell;
}

/** Journal.md, Streams: the copy of channel cell n whose check holds, that of `channels` first. */
export function channelCell(files: Files, segment: Segment, n: number): Cell | undefined {
  for (const file of ['channels', 'channels.mirror'] as const) {
    const cell = cellOf(files, segment, file, n);
    if (cell?.holds) return cell;
  }
  return undefined;
}

/** What checking without a key found: cells looked at (channels once), torn ones (each copy), all faults. */
export type Verified = { segments: number; cells: number; torn: number; faults: Fault[] };

/** Journal.md, Checking without a key. */
export function verify(journal: Journal): Verified {
  const result: Verified = { segments: 0, cells: 0, torn: 0, faults: [...journal.faults] };
  journal.segments.forEach((segment, i) => {
    result.segments += 1;
    const at = `lane ${segment.lane.slice(0, 8)}, segment ${segment.number}`;
    const before = journal.segments[i - 1];
    const { previous } = segment;
    const follows = previous
      ? before?.lane === segment.lane && before.number === previous.segment && before.id === previous.id
      : segment.number === 0;
    if (!follows) result.faults.push(new Fault(at, 'the segment before is missing, or was exchanged'));
    if (!segment.claimed) result.faults.push(new Fault(`${at}, synced`, 'is missing, or claims nothing'));
    for (const stream of streamNames) verifyStream(journal.files, segment, stream, result);
  });
  return result;
}

/** Journal.md, Deciding about a cell, for all cells of a stream; for the channels of each of the two copies. */
function verifyStream(files: Files, segment: Segment, stream: Stream, result: Verified): void {
  const [length, claim] = [lengthOf(segment, stream), segment.claim[stream]];
  result.cells += length;
  for (let n = 0; n < length; n += 1) {
    const copies = stream === 'channels' ? (['channels', 'channels.mirror'] as const) : [stream];
    const failed = copies.filter((file) => !cellOf(files, segment, file, n)?.holds);
    if (n >= claim) result.torn += failed.length;
    else
      for (const file of failed)
        result.faults.push(
          new Fault(shown(segment, stream, n, file === 'channels.mirror'), 'does not match its check'),
        );
  }
  if (length < claim)
    result.faults.push(
      new Fault(shown(segment, stream, length), `the stream ends here, ${claim} are claimed`),
    );
}
