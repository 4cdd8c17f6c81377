/** Checking: journal.md, Checking without a key, and checkpoints.md, Checking checkpoints. With identities besides. */
import { Fault, hex, keepFault } from './bytes.js';
import {
  type Cell,
  cellOf,
  endsAsErased,
  isErased,
  leafData,
  lengthOf,
  placeOfCell,
  placeOfSegment,
  type Segment,
  type StreamFile,
} from './cells.js';
import { treeHash } from './checkpoints.js';
import { findMail, type Mail } from './finding.js';
import { type Stream, streamNames } from './heads.js';
import type { Journal } from './journal.js';
import type { Identity } from './keys.js';
import { openMessage, type Piece } from './message.js';
import { comparePins, type Pin } from './pins.js';

/**
 * What checking found. Cells that were looked at are counted once, torn ones in each copy; `uncovered` cells are in no
 * checkpoint; `told` is said, but only what is in `faults` is a fault.
 */
export type Checked = {
  segments: number;
  cells: number;
  torn: number;
  uncovered: number;
  told: string[];
  faults: Fault[];
};

/** Journal.md, Checking without a key. The faults of opening and of pins are among those it gives. */
export function checkJournal(journal: Journal, pins: readonly Pin[] = []): Checked {
  const counts = { segments: 0, cells: 0, torn: 0, uncovered: 0 };
  const result: Checked = { ...counts, told: journal.told, faults: [...journal.faults] };
  result.faults.push(...comparePins(journal, pins));
  journal.segments.forEach((segment, i) => {
    if (segment.isDropped) return;
    result.segments += 1;
    checkOrder(segment, journal.segments[i - 1], result.faults);
    if (!segment.claimed)
      result.faults.push(new Fault(`${placeOfSegment(segment)}, synced`, 'is missing, or claims nothing'));
    for (const stream of streamNames) {
      const leaves = checkCells(journal, segment, stream, result);
      checkRoots(segment, stream, leaves, pins, result);
    }
  });
  return result;
}

/** Step 2. A dropped segment counts as the one before. */
function checkOrder(segment: Segment, before: Segment | undefined, faults: Fault[]): void {
  const { previous, lane, number } = segment;
  const follows = previous
    ? before?.lane === lane && before.number === previous.segment && before.id === previous.id
    : number === 0;
  if (!follows)
    faults.push(new Fault(placeOfSegment(segment), 'the segment before is missing, or was exchanged'));
}

/** Journal.md, Deciding about a cell, for all cells of a stream. Gives their leaf data, undefined without a good cell. */
function checkCells(journal: Journal, segment: Segment, stream: Stream, result: Checked) {
  const { files } = journal;
  const [length, claim] = [lengthOf(segment, stream), segment.claim[stream]];
  const copies: StreamFile[] = stream === 'channels' ? ['channels', 'channels.mirror'] : [stream];
  const leaves: (Uint8Array | undefined)[] = [];
  for (let n = 0; n < length; n += 1) {
    const cells = copies.map((file) => ({
      at: placeOfCell(segment, file, n),
      cell: cellOf(files, segment, file, n),
    }));
    const failed = cells.filter(({ cell }) => !cell?.holds);
    if (n >= claim) result.torn += failed.length;
    else result.faults.push(...failed.map(({ at }) => new Fault(at, 'does not match its check')));
    const good = cells.find(({ cell }) => cell?.holds);
    if (stream === 'envelopes' && good?.cell && isHole(good.cell))
      result.faults.push(new Fault(good.at, 'a hole that nobody was allowed to make'));
    leaves.push(good?.cell && leafData(stream, good.cell));
  }
  if (length < claim)
    result.faults.push(
      new Fault(placeOfCell(segment, stream, length), `the stream ends here, ${claim} are claimed`),
    );
  result.cells += length;
  result.uncovered += Math.max(0, length - (segment.checkpoint?.trees[stream].size ?? 0));
  return leaves;
}

/** Checkpoints.md, Checking checkpoints, 3: an unauthorised hole. */
function isHole({ body }: Cell): boolean {
  return endsAsErased(body) && !isErased(body);
}

/** Checkpoints.md, Checking checkpoints, 2, and the row of Pins that needs all cells. */
function checkRoots(
  segment: Segment,
  stream: Stream,
  leaves: readonly (Uint8Array | undefined)[],
  pins: readonly Pin[],
  result: Checked,
): void {
  const at = `${placeOfSegment(segment)}, ${stream}`;
  const pinned = pins.map(({ checkpoint }) => checkpoint);
  const ofSegment = pinned.filter((one) => one.lane === segment.lane && one.id === segment.id);
  for (const checkpoint of [segment.checkpoint, ...ofSegment]) {
    if (checkpoint === undefined) continue;
    const { size, root } = checkpoint.trees[stream];
    const covered = leaves.slice(0, size).filter((leaf) => leaf !== undefined);
    if (covered.length < size) result.told.push(`${at}: the root of ${size} cells cannot be checked`);
    else if (hex(treeHash(covered)) !== root)
      result.faults.push(new Fault(at, `the root of ${size} cells is another one`));
  }
}

/** A mail, and how it ended when its content was read to the end: `whole`, or what the envelope said. */
export type Opened = { mail: Mail; state: 'whole' | 'damaged' | 'expired' | 'void' | 'erased' };

/** Journal.md, Checking without a key, With identities: finds all mail, and opens every message to its end. */
export function checkMail(
  journal: Journal,
  identities: readonly Identity[],
  give: (mail: Mail, piece: Piece) => void = () => {},
): { mails: Opened[]; faults: Fault[] } {
  const { mails, faults } = findMail(journal, identities);
  const opened = mails.map((mail): Opened => {
    if (mail.state === 'damaged') faults.push(mail.fault);
    if (mail.state !== 'counts') return { mail, state: mail.state };
    const before = faults.length;
    keepFault(faults, () => {
      for (const piece of openMessage(journal, mail.segment, mail.envelope, mail.at)) give(mail, piece);
    });
    return { mail, state: faults.length > before ? 'damaged' : 'whole' };
  });
  return { mails: opened, faults };
}
