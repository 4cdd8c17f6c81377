/** What a reader remembers of the lanes that it has seen: checkpoints.md, Pins. */
import { ascii, Fault, latin } from './bytes.js';
import { lengthOf, placeOfLane, placeOfSegment } from './cells.js';
import { type Checkpoint, readNote } from './checkpoints.js';
import { streamNames } from './heads.js';
import { type Journal, segmentOf } from './journal.js';

/** The signer of a lane in hexadecimal, and the newest good checkpoint that was seen. */
export type Pin = { signer: string; checkpoint: Checkpoint };

/** The faults that the pins of this journal show, as far as checkpoints and lengths tell. */
export function comparePins(journal: Journal, pins: readonly Pin[]): Fault[] {
  const ours = pins.filter(({ checkpoint }) => checkpoint.journal === journal.id);
  return ours.flatMap((pin) => comparePin(journal, pin) ?? []);
}

/** The rows of the table, in order; the first that is met is told. */
function comparePin(journal: Journal, { signer, checkpoint: pinned }: Pin): Fault | undefined {
  const { lane, number } = pinned;
  if (!journal.signers.has(lane)) return new Fault(placeOfLane(lane), 'deletion: the lane is not there');
  if (journal.signers.get(lane) !== signer)
    return new Fault(placeOfLane(lane), `exchange: another signer than pinned with segment ${number}`);
  const at = placeOfSegment(pinned);
  const segment = segmentOf(journal, lane, number);
  if (segment === undefined) return new Fault(at, 'deletion: the pinned segment is not there');
  if (segment.id !== pinned.id) return new Fault(at, 'fork: the pinned segment has another id');
  const { checkpoint } = segment;
  if (checkpoint === undefined) return new Fault(at, 'rollback: the pinned segment has no checkpoint');
  for (const stream of streamNames) {
    const [was, is] = [pinned.trees[stream], checkpoint.trees[stream]];
    if (is.size < was.size)
      return new Fault(at, `rollback: ${was.size} ${stream} are pinned, ${is.size} signed`);
    if (!segment.isDropped && lengthOf(segment, stream) < was.size)
      return new Fault(at, `rollback: ${was.size} ${stream} are pinned, fewer are there`);
  }
  for (const stream of streamNames) {
    const [was, is] = [pinned.trees[stream], checkpoint.trees[stream]];
    if (is.size === was.size && is.root !== was.root)
      return new Fault(at, `fork: other ${stream} than pinned`);
  }
  return undefined;
}

/** The pins of a reader that found no fault with those it has: the newest good checkpoint of each lane. */
export function nextPins(journal: Journal, pins: readonly Pin[]): Pin[] {
  const next = new Map(pins.map((pin) => [`${pin.checkpoint.journal} ${pin.checkpoint.lane}`, pin]));
  for (const { journal: id, lane, checkpoint } of journal.segments) {
    const signer = journal.signers.get(lane);
    const pinned = next.get(`${id} ${lane}`)?.checkpoint.number ?? 0;
    if (checkpoint && signer && checkpoint.number >= pinned)
      next.set(`${id} ${lane}`, { signer, checkpoint });
  }
  return [...next.values()];
}

/** A file of pins: for each lane a line `signer HEX`, its checkpoint, and an empty line. The form is this program's. */
export function writePins(pins: readonly Pin[]): Uint8Array {
  return ascii(
    pins.map(({ signer, checkpoint }) => `signer ${signer}\n${latin(checkpoint.note)}\n`).join(''),
  );
}

export function readPins(octets: Uint8Array, name: string): Pin[] {
  const form = /signer ([0-9a-f]{64})\n(obalka checkpoint [\s\S]*?\n\n[\s\S]*?\n)\n/gy;
  const found = [...latin(octets).matchAll(form)];
  if (found.reduce((sum, [whole]) => sum + whole.length, 0) !== octets.length)
    throw new Fault(name, 'this is no file of pins');
  return found.map(([, signer = '', note = '']) => ({
    signer,
    checkpoint: readNote(ascii(note), signer, name),
  }));
}
