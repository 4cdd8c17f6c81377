/** Opening a journal: journal.md, Algorithms: the reader, and checkpoints.md, Dropped segments. */
import { sha256 } from '@noble/hashes/sha2.js';
import { Fault, hex, keepFault } from './bytes.js';
import { place, placeOfLane, placeOfSegment, type Segment, type StreamFile, streamOf } from './cells.js';
import { type Checkpoint, noteOf, readNote } from './checkpoints.js';
import { type Files, octetsOf } from './files.js';
import { readClaim, readJournalHead, readLaneHead, readSegmentHead, streamNames, streams } from './heads.js';

/** All segments that can be read or were dropped, by lane and number; signers of lanes; faults met on the way. */
export type Journal = {
  files: Files;
  id: string;
  /** The signer of each lane that is there, undefined where its head cannot be read. */
  signers: Map<string, string | undefined>;
  segments: Segment[];
  faults: Fault[];
};

/** Journal.md, Opening a journal. Throws the fault if the head `journal` is refused. */
export function openJournal(files: Files): Journal {
  const journal: Journal = {
    files,
    id: readJournalHead(files),
    signers: new Map(),
    segments: [],
    faults: [],
  };
  for (const folder of files.names('').sort()) {
    const lane = /^lane-([0-9a-f]{32})$/.exec(folder)?.[1];
    if (lane !== undefined) openLane(journal, folder, lane);
  }
  return journal;
}

/** Steps 2 and 3, and what concerns several segments of a lane. */
function openLane(journal: Journal, folder: string, lane: string): void {
  const { files, faults } = journal;
  journal.signers.set(lane, undefined);
  keepFault(faults, () => {
    const head = readLaneHead(files, `${folder}/lane`, placeOfLane(lane));
    if (head.journal !== journal.id || head.lane !== lane)
      throw new Fault(placeOfLane(lane), 'the head is of another lane');
    journal.signers.set(lane, head.signer);
  });
  const segments = files
    .names(folder)
    .flatMap((name) => /^segment-(\d{8}|[1-9]\d{8,9})$/.exec(name)?.[1] ?? [])
    .map((digits) => ({ number: Number(digits), folder: `${folder}/segment-${digits}` }))
    .filter(({ number }) => number < 2 ** 32 - 1)
    .sort((a, b) => a.number - b.number)
    .flatMap(({ number, folder }) => openSegment(journal, folder, lane, number) ?? []);
  const readable = segments.filter((segment) => !segment.isDropped);
  readable.forEach((segment, i) => {
    const next = readable[i + 1]?.previous;
    setClaim(segment, next?.segment === segment.number ? next.claim : undefined);
  });
  for (const { checkpoint } of segments) checkPrevious(journal, folder, lane, checkpoint);
  journal.segments.push(...segments);
}

/** Journal.md, Effective claim; checkpoints.md, Reading a checkpoint. */
function setClaim(segment: Segment, said: Segment['claimed']): void {
  for (const stream of streamNames) {
    const signed = segment.checkpoint?.trees[stream].size;
    segment.claim[stream] = Math.max(segment.claimed?.[stream] ?? 0, said?.[stream] ?? 0, signed ?? 0);
  }
}

/** Checkpoints.md, Checking checkpoints, 1. */
function checkPrevious(journal: Journal, folder: string, lane: string, one: Checkpoint | undefined): void {
  if (one?.previous === undefined) return;
  const { number, hash } = one.previous;
  const note = noteOf(journal.files, `${folder}/segment-${String(number).padStart(8, '0')}`);
  const what = note ? 'the checkpoint was exchanged' : 'the checkpoint is missing';
  if (!note || hex(sha256(note)) !== hash)
    journal.faults.push(new Fault(placeOfSegment({ lane, number }), what));
}

const files4 = ['channels', 'envelopes', 'blocks', 'channels.mirror'] as const;
const none = { channels: 0, envelopes: 0, blocks: 0 };

/** Steps 4 and 5: the heads, the claim, and then the lengths. Undefined if the segment cannot be read. */
function openSegment(journal: Journal, folder: string, lane: string, number: number): Segment | undefined {
  const { files } = journal;
  const at = placeOfSegment({ lane, number });
  const base = { journal: journal.id, lane, number, folder, isDropped: false, claim: { ...none } };
  const lengths: Record<StreamFile, number> = { ...none, 'channels.mirror': 0 };
  const faults: Fault[] = [];
  let segment: Segment | undefined;
  for (const file of files4)
    keepFault(faults, () => {
      const head = readSegmentHead(files, `${folder}/${file}`, streamOf(file), `${at}, ${file}`);
      const names = head.journal === journal.id && head.lane === lane && head.number === number;
      if (!names || (segment && segment.id !== head.id))
        throw new Fault(`${at}, ${file}`, 'the head is of another segment');
      const { id, previous } = head;
      segment ??= { ...base, id, previous, lengths, claimed: undefined, checkpoint: undefined };
    });
  const checkpoint = readCheckpoint(journal, folder, { ...base, id: segment?.id }, faults);
  const isDropped = files4.every((file) => files.length(`${folder}/${file}`) === undefined);
  if (isDropped && checkpoint) {
    const { id } = checkpoint;
    return { ...base, id, isDropped, checkpoint, previous: undefined, lengths, claimed: undefined };
  }
  journal.faults.push(...faults);
  if (segment === undefined) {
    journal.faults.push(new Fault(at, 'no head can be read'));
    return undefined;
  }
  segment.checkpoint = checkpoint;
  segment.claimed = readClaim(octetsOf(files, `${folder}/synced`, 0, 74), place(segment, 'channels', 0));
  for (const file of files4) {
    const octets = (files.length(`${folder}/${file}`) ?? 0) - 4096;
    lengths[file] = Math.max(0, Math.floor(octets / streams[streamOf(file)].size));
  }
  return segment;
}

/** Checkpoints.md, Reading a checkpoint. The id is not known if no head can be read. */
function readCheckpoint(
  journal: Journal,
  folder: string,
  segment: { lane: string; number: number; id: string | undefined },
  faults: Fault[],
): Checkpoint | undefined {
  const note = noteOf(journal.files, folder);
  if (note === undefined) return undefined;
  const at = placeOfSegment(segment);
  let good: Checkpoint | undefined;
  keepFault(faults, () => {
    const one = readNote(note, journal.signers.get(segment.lane), at);
    const isOfJournal = one.journal === journal.id && one.lane === segment.lane;
    if (!isOfJournal || one.number !== segment.number || one.id !== (segment.id ?? one.id))
      throw new Fault(at, 'the checkpoint is of another segment');
    good = one;
  });
  return good;
}

/** The segment of a lane that can be read, or was dropped. */
export function segmentOf(journal: Journal, lane: string, number: number): Segment | undefined {
  return journal.segments.find((one) => one.lane === lane && one.number === number);
}
