/** Opening a journal: journal.md, Algorithms: the reader, and checkpoints.md, Dropped segments. */
import { sha256 } from '@noble/hashes/sha2.js';
import { Fault, hex, keepFault } from './bytes.js';
import { place, placeOfLane, placeOfSegment, type Segment, type StreamFile, streamOf } from './cells.js';
import { type Checkpoint, noteOf, readNote } from './checkpoints.js';
import { type Files, octetsOf } from './files.js';
import {
  NewerVersion,
  readClaim,
  readJournalHead,
  readLaneHead,
  readSegmentHead,
  streamNames,
  streams,
} from './heads.js';
import type { Pin } from './pins.js';

/** All segments that can be read or were dropped, by lane and number; signers of lanes; what was met on the way. */
export type Journal = {
  files: Files;
  id: string;
  /** The signer of each lane that is there, undefined where nothing says it. */
  signers: Map<string, string | undefined>;
  segments: Segment[];
  faults: Fault[];
  /** What is told and is no fault. */
  told: string[];
};

/** Journal.md, Opening a journal. Throws the fault if nothing can be read. */
export function openJournal(files: Files, pins: readonly Pin[] = []): Journal {
  const journal: Journal = { files, id: '', signers: new Map(), segments: [], faults: [], told: [] };
  keepFault(journal.faults, () => {
    journal.id = readJournalHead(files);
  });
  const [fault] = journal.faults;
  if (fault instanceof NewerVersion) throw fault;
  if (fault) journal.id = idOfOtherHeads(files) ?? '';
  if (fault && journal.id === '') throw fault;
  for (const { lane, folder } of lanesOf(files)) openLane(journal, folder, lane, pins);
  return journal;
}

/** Step 2: lanes in the order of names. */
function lanesOf(files: Files): { lane: string; folder: string }[] {
  const names = files.names('').sort();
  return names.flatMap((folder) => {
    const lane = /^lane-([0-9a-f]{32})$/.exec(folder)?.[1];
    return lane === undefined ? [] : [{ lane, folder }];
  });
}

/** Step 3: segments in the order of numbers. A number is below 2^32 − 1. */
function segmentsOf(files: Files, laneFolder: string): { number: number; folder: string }[] {
  const digits = files
    .names(laneFolder)
    .flatMap((name) => /^segment-(\d{8}|[1-9]\d{8,9})$/.exec(name)?.[1] ?? []);
  return digits
    .map((one) => ({ number: Number(one), folder: `${laneFolder}/segment-${one}` }))
    .filter(({ number }) => number < 2 ** 32 - 1)
    .sort((a, b) => a.number - b.number);
}

/** Step 1, if the head `journal` is lost: the id that the first other head says. */
function idOfOtherHeads(files: Files): string | undefined {
  const ids: string[] = [];
  const ignored: Fault[] = [];
  for (const { folder } of lanesOf(files)) {
    keepFault(ignored, () => ids.push(readLaneHead(files, `${folder}/lane`, folder).journal));
    for (const { folder: segment } of segmentsOf(files, folder))
      for (const file of streamFiles)
        keepFault(ignored, () =>
          ids.push(readSegmentHead(files, `${segment}/${file}`, streamOf(file), segment).journal),
        );
  }
  return ids[0];
}

/** A lane with its segments, and what concerns several of them. */
function openLane(journal: Journal, folder: string, lane: string, pins: readonly Pin[]): void {
  const { files, faults } = journal;
  const pinned = pins.find(({ checkpoint: one }) => one.journal === journal.id && one.lane === lane);
  journal.signers.set(lane, pinned?.signer);
  keepFault(faults, () => {
    const head = readLaneHead(files, `${folder}/lane`, placeOfLane(lane));
    if (head.journal !== journal.id || head.lane !== lane)
      throw new Fault(placeOfLane(lane), 'the head is of another lane');
    journal.signers.set(lane, head.signer);
  });
  // From the last to the first: no checkpoint is then older than one that names it, even while a server writes.
  const newestFirst = segmentsOf(files, folder).reverse();
  const segments = newestFirst
    .flatMap(({ number, folder }) => openSegment(journal, folder, lane, number) ?? [])
    .reverse();
  const readable = segments.filter((segment) => !segment.isDropped);
  readable.forEach((segment, i) => {
    const next = readable[i + 1]?.previous;
    setClaim(segment, next?.segment === segment.number ? next.claim : undefined);
  });
  for (const segment of segments) checkPrevious(journal, folder, segment);
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
function checkPrevious(journal: Journal, folder: string, segment: Segment): void {
  const { checkpoint, lane, number, previous } = segment;
  if (checkpoint === undefined) return;
  if (checkpoint.previous === undefined) {
    if (number > 0) journal.told.push(`${placeOfSegment(segment)}: the checkpoint names none before it`);
    return;
  }
  const { number: before, hash } = checkpoint.previous;
  const note = noteOf(journal.files, `${folder}/segment-${String(before).padStart(8, '0')}`);
  const bad = (number: number, what: string) =>
    journal.faults.push(new Fault(`${placeOfSegment({ lane, number })}, checkpoint`, what));
  if (!segment.isDropped && previous?.segment !== before) bad(number, 'names another segment than the head');
  else if (!note) bad(before, 'is missing');
  else if (hex(sha256(note)) !== hash) bad(before, 'was exchanged');
}

const streamFiles = ['channels', 'envelopes', 'blocks', 'channels.mirror'] as const;
const none = { channels: 0, envelopes: 0, blocks: 0 };

/** Steps 4 and 5: the heads, the claim, and then the lengths. Undefined if the segment cannot be read. */
function openSegment(journal: Journal, folder: string, lane: string, number: number): Segment | undefined {
  const { files } = journal;
  const at = placeOfSegment({ lane, number });
  const base = { journal: journal.id, lane, number, folder, isDropped: false, claim: { ...none } };
  const lengths: Record<StreamFile, number> = { ...none, 'channels.mirror': 0 };
  const faults: Fault[] = [];
  let first: ReturnType<typeof readSegmentHead> | undefined;
  let segment: Segment | undefined;
  for (const file of streamFiles)
    keepFault(faults, () => {
      const head = readSegmentHead(files, `${folder}/${file}`, streamOf(file), `${at}, ${file}`);
      const isNamedSo = head.journal === journal.id && head.lane === lane && head.number === number;
      if (isNamedSo) first ??= head;
      if (!isNamedSo || first?.id !== head.id || first.how !== head.how)
        throw new Fault(`${at}, ${file}`, 'the head is of another segment');
      const { id, previous } = head;
      segment ??= { ...base, id, previous, lengths, claimed: undefined, checkpoint: undefined };
    });
  const checkpointFaults: Fault[] = [];
  const checkpoint = readCheckpoint(journal, folder, { ...base, id: segment?.id }, checkpointFaults);
  const isEmpty = streamFiles.every((file) => files.length(`${folder}/${file}`) === undefined);
  if (isEmpty && checkpoint) {
    const { id } = checkpoint;
    return { ...base, id, isDropped: true, checkpoint, previous: undefined, lengths, claimed: undefined };
  }
  journal.faults.push(...(isEmpty ? checkpointFaults : [...faults, ...checkpointFaults]));
  if (segment === undefined) {
    journal.faults.push(new Fault(at, 'no head can be read'));
    return undefined;
  }
  segment.checkpoint = checkpoint;
  segment.claimed = readClaim(octetsOf(files, `${folder}/synced`, 0, 74), place(segment, 'channels', 0));
  for (const file of streamFiles) {
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
  const signer = journal.signers.get(segment.lane);
  if (note === undefined || signer === undefined) return undefined;
  const at = `${placeOfSegment(segment)}, checkpoint`;
  let good: Checkpoint | undefined;
  keepFault(faults, () => {
    const one = readNote(note, signer, at);
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
