/** Idle lane: one that nobody writes to now. What a crash left in it is closed all the same. */
import { closeSegment } from './closing.js';
import { type LanesPlace, takeUpLane } from './lane-folder.js';

/**
 * Closes the last segment of a lane that has no writer (spec/checkpoints.md, Closing what a crash left). `onChanged` is
 * told if it is not what its checkpoint said. Rejects if the lane cannot be taken up: then no writer could go on with it.
 */
export async function closeIdleLane(
  at: LanesPlace,
  lane: Uint8Array,
  onChanged: () => void,
  signal: AbortSignal,
): Promise<void> {
  const { disk, journal } = at;
  const { folder, previous, untimed, signer } = await takeUpLane(at, lane);
  if (!previous) return;
  const place = { journal, lane };
  await closeSegment({ disk, lane: folder, place, left: previous, untimed, signer, onChanged, signal }).catch(
    () => undefined,
  );
}
