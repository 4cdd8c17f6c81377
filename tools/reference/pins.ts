/** What a reader remembers of the lanes that it has seen: checkpoints.md, Pins. */
import { Fault } from './bytes.js';
import { lengthOf, placeOfLane, placeOfSegment } from './cells.js';
import { type Checkpoint, readNote } from './checkpoints.js';
import { streamNames } from './heads.js';
import { type Journal, segmentOf } from './journal.js';

/** The signer of a lane in hexadecimal, and the newest good checkpoint that was seen. */
export type Pin = { signer: string; checkpoint: Checkpoint };

/** The faults that the pins of this journal show, as far as checkpoints and lengths tell. */
export function comparePins(journal: Journal, pins: readonly Pin[]): Fault[] {
  const ours = pins.filter(({ checkpoint }) => checkpoint.journal === journal.id);
  if (ours.length < pins.length && ours.length === 0) journal.told.push('no pin is of this journal');
  return ours.flatMap((pin) => comparePin(journal, pin));
}

/** The rows of the table, in order. The last one but one is in checking.ts. */
function comparePin(journal: Journal, { signer, checkpoint: pinned }: Pin): Fault[] {
  const { lane, number } = pinned;
  const laneFault = (what: string) => [new Fault(placeOfLane(lane), `${what}; segment ${number} is pinned`)];
  if (!journal.signers.has(lane)) return laneFault('deletion: the lane is not there');
  if (journal.signers.get(lane) !== signer) return laneFault('exchange: another signer');
  const at = placeOfSegment(pinned);
  const segment = segmentOf(journal, lane, number);
  if (segment === undefined) return [new Fault(at, 'deletion: the pinned segment is not there')];
  if (segment.id !== pinned.id) return [new Fault(at, 'fork: the pinned segment has another id')];
  const { checkpoint } = segment;
  if (checkpoint === undefined) return [new Fault(at, 'rollback: the pinned segment has no checkpoint')];
  const faults = streamNames.flatMap((stream) => {
    const [was, is] = [pinned.trees[stream], checkpoint.trees[stream]];
    const cells = segment.isDropped ? is.size : Math.min(is.size, lengthOf(segment, stream));
    if (cells < was.size) return [new Fault(`${at}, ${stream}`, `rollback: ${cells} of ${was.size} pinned`)];
    const isFork = is.size === was.size && is.root !== was.root;
    return isFork ? [new Fault(`${at}, ${stream}`, 'fork: other cells than pinned')] : [];
  });
  const before = ({ previous }: Checkpoint) => `${previous?.number} ${previous?.hash}`;
  if (before(checkpoint) !== before(pinned))
    faults.push(new Fault(at, 'exchange: goes on from another checkpoint'));
  if (segment.isDropped) journal.told.push(`${at}: was dropped, and can no longer be checked`);
  return faults;
}

/** Checkpoints.md, The file of pins. `name` is told if it is none, or a signature in it does not hold. */
export function readPins(text: string, name: string): Pin[] {
  const bad = new Fault(name, 'this is no file of pins');
  let file: { version?: unknown; pins?: unknown } | null;
  try {
    file = JSON.parse(text);
  } catch {
    throw bad;
  }
  if (file?.version !== 1 || !Array.isArray(file.pins)) throw bad;
  return file.pins.map((pin: { signer?: unknown; checkpoint?: unknown } | null) => {
    const { signer, checkpoint: note } = pin ?? {};
    if (typeof signer !== 'string' || !/^[0-9a-f]{64}$/.test(signer) || typeof note !== 'string') throw bad;
    return { signer, checkpoint: readNote(new TextEncoder().encode(note), signer, name) };
  });
}
