/** Verification: every cell held against its check and place, without a key; and with identities, every mail opened. */
import { cellSizes, checkedHash } from '../format/cell.js';
import { describePlace, type Stream, streams } from '../format/place.js';
import type { JournalView, SegmentView } from '../journal/journal-view.js';
import type { Identity } from '../seal/keys.js';
import { claimOf } from './claim.js';
import { openMailbox } from './mailbox.js';
import { segmentFaults } from './segment-faults.js';

export interface Verification {
  readonly segments: number;
  readonly cells: number;
  /** Cells after the last claimed one that do not match their check: writes that a crash cut off. No damage. */
  readonly torn: number;
  /** Mails that were opened whole, if identities were given. */
  readonly mails: number;
  /** Envelopes of these identities whose blocks never all reached the disk: never acknowledged. */
  readonly void: number;
  readonly erased: number;
  /** Each begins with its place. Empty: nothing is damaged. */
  readonly faults: readonly string[];
}

const octetsAtOnce = 2 ** 20;

export async function verify(view: JournalView, identities: readonly Identity[]): Promise<Verification> {
  const found = await view.segments();
  const segments = found.filter((one) => 'place' in one);
  const faults = segmentFaults(found);
  let cells = 0;
  let torn = 0;
  for (const [at, segment] of segments.entries()) {
    const claim = claimOf(segment, segments[at + 1]);
    for (const stream of streams) {
      const result = await verifyStream(segment, stream, claim[stream]);
      cells += result.cells;
      torn += result.torn;
      // One by one: there may be more than a call takes arguments.
      for (const fault of result.faults) faults.push(fault);
    }
  }
  const mailbox =
    identities.length > 0
      ? await verifyMailbox(view, identities)
      : { mails: 0, void: 0, erased: 0, faults: [] };
  const all = [...new Set([...faults, ...mailbox.faults])];
  return {
    segments: segments.length,
    cells,
    torn,
    mails: mailbox.mails,
    void: mailbox.void,
    erased: mailbox.erased,
    faults: all,
  };
}

async function verifyStream(
  segment: SegmentView,
  stream: Stream,
  claim: number,
): Promise<{ cells: number; torn: number; faults: string[] }> {
  const size = cellSizes[stream];
  const { place, counts } = segment;
  const faults: string[] = [];
  let torn = 0;
  const atOnce = Math.floor(octetsAtOnce / size);
  for (let first = 0; first < counts[stream]; first += atOnce) {
    const wanted = Math.min(atOnce, counts[stream] - first);
    const copies = await segment.readCopies(stream, first, wanted);
    for (const [copy, cells] of copies.entries())
      for (let at = 0; at < wanted; at++) {
        const number = first + at;
        if (checkedHash(cells.subarray(at * size, (at + 1) * size), place, stream, number)) continue;
        if (number < claim)
          faults.push(
            `${describePlace(place, stream, number)}${copy > 0 ? ' (mirror)' : ''}: does not match its check`,
          );
        else torn++;
      }
  }
  return { cells: counts[stream], torn, faults };
}

async function verifyMailbox(view: JournalView, identities: readonly Identity[]) {
  const { contents, index } = await openMailbox(view, identities);
  const faults = [
    ...contents.faults,
    ...contents.damaged.map(({ id, place, fault }) => `${place}: ${fault} (mail ${id})`),
  ];
  let mails = 0;
  for (const mail of contents.mails) {
    try {
      for await (const _ of index.plaintext(mail));
      mails++;
    } catch (error) {
      faults.push(`${error instanceof Error ? error.message : String(error)} (mail ${mail.id})`);
    }
  }
  return { mails, void: contents.void, erased: contents.erased, faults };
}
