/** Verification: every cell, every root and every pin, without a key; and with identities, every mail opened. */
import { hex } from '../core/bytes.js';
import { append } from '../core/long-lists.js';
import { cellSizes } from '../format/cell.js';
import type { TreeHead } from '../format/checkpoint.js';
import { describeSegment, type Stream, streams } from '../format/place.js';
import type { JournalView } from '../journal/journal-view.js';
import type { Identity } from '../seal/keys.js';
import { openSurveyed } from './mailbox.js';
import type { Pin } from './pins.js';
import { checkStream, type StreamCheck } from './stream-check.js';
import { type LiveSegment, type Survey, survey } from './survey.js';

export interface Verification {
  readonly segments: number;
  /** Segments that were dropped: their checkpoints are left. */
  readonly dropped: number;
  readonly cells: number;
  /** Cells after the last claimed one that do not match their check: writes that a crash cut off. No damage. */
  readonly torn: number;
  /** Cells that no good checkpoint covers. */
  readonly uncovered: number;
  /** Mails that were opened whole, if identities were given. */
  readonly mails: number;
  /** Envelopes of these identities whose blocks never all reached the disk: never acknowledged. */
  readonly void: number;
  readonly erased: number;
  /** Mails whose blocks were dropped. */
  readonly expired: number;
  /** Each begins with its place. Empty: nothing is damaged, and nothing was changed that is signed. */
  readonly faults: readonly string[];
  /** Which lane took over from which, and why: no faults. */
  readonly lineage: readonly string[];
  /** What was not checked, or cannot be: no faults. */
  readonly notChecked: readonly string[];
}

/** A verification, and what it means for the reader's pins. */
export interface PinnedVerification extends Verification {
  /** How many faults are of pins: rollback, fork, deletion, exchange. */
  readonly pinFaults: number;
  /** To be pinned: the newest good checkpoint of each lane; none if a pin, a checkpoint or a root is at fault. */
  readonly newest: readonly Pin[];
  /** Pins of which every root was found again: the newest one of each lane says as much as all of them. */
  readonly confirmed: readonly Pin[];
}

/** Looks at every cell. Damage is collected, never thrown. */
export async function verify(
  view: JournalView,
  identities: readonly Identity[],
  pins: readonly Pin[] = [],
  onProgress: (done: number, total: number) => void = () => {},
): Promise<PinnedVerification> {
  const found = await survey(view, pins);
  const live = found.lanes.flatMap((lane) => lane.live);
  const faults = new Set(found.faults);
  const notChecked = [...found.notes];
  const confirmed: Pin[] = [];
  let [cells, torn, uncovered, exchanged] = [0, 0, 0, 0];
  const octetsOf = ({ view }: LiveSegment, stream: Stream) => view.counts[stream] * cellSizes[stream];
  const total = live.reduce(
    (sum, segment) => sum + streams.reduce((octets, stream) => octets + octetsOf(segment, stream), 0),
    0,
  );
  let done = 0;
  for (const segment of live) {
    const roots = new RootCheck(segment);
    for (const stream of streams) {
      const sizes = roots.sizes(stream);
      const result = await checkStream(segment.view, stream, segment.claim[stream], sizes, (octets) => {
        done += octets;
        onProgress(done, total);
      });
      const count = segment.view.counts[stream];
      cells += count;
      torn += result.torn;
      uncovered += Math.max(0, count - (segment.checkpoint?.trees[stream].size ?? 0));
      for (const fault of result.faults) faults.add(fault);
      roots.compare(stream, result);
    }
    for (const fault of roots.faults) faults.add(fault);
    exchanged += roots.faults.length;
    append(notChecked, roots.notChecked);
    append(confirmed, roots.confirmed());
  }
  if (uncovered > 0)
    notChecked.push(`${uncovered} cells are covered by no checkpoint: of them, only chance damage is found`);
  const mailbox = await openAll(found, identities);
  for (const fault of mailbox.faults) faults.add(fault);
  const { unfound, ...opened } = mailbox;
  append(notChecked, unfound);
  return {
    segments: live.length,
    dropped: found.lanes.reduce((sum, lane) => sum + lane.dropped.length, 0),
    cells,
    torn,
    uncovered,
    ...opened,
    faults: [...faults],
    lineage: found.lineage,
    notChecked,
    pinFaults: found.pinFaults + exchanged,
    newest: exchanged > 0 ? [] : found.newest,
    confirmed: exchanged > 0 ? [] : confirmed,
  };
}

/** The roots that the trees of one segment should have: those of its checkpoint, and those that were pinned. */
class RootCheck {
  readonly faults: string[] = [];
  readonly notChecked: string[] = [];
  readonly #failed = new Set<Pin>();

  constructor(readonly segment: LiveSegment) {}

  sizes(stream: (typeof streams)[number]): number[] {
    const { checkpoint, pins } = this.segment;
    const heads = [checkpoint, ...pins.map((pin) => pin.checkpoint)].flatMap(
      (one) => one?.trees[stream] ?? [],
    );
    return [...new Set(heads.map(({ size }) => size))];
  }

  compare(stream: (typeof streams)[number], { roots }: StreamCheck): void {
    const { checkpoint, pins, view } = this.segment;
    const where = `${describeSegment(view.place)}, ${stream}`;
    const isRoot = ({ size, root }: TreeHead) => {
      const found = roots.get(size);
      return found === undefined ? undefined : found === hex(root);
    };
    const signed = checkpoint?.trees[stream];
    if (signed && isRoot(signed) === false)
      this.faults.push(`${where}: the first ${signed.size} cells are not those that were signed: exchanged`);
    if (signed && isRoot(signed) === undefined)
      this.notChecked.push(
        `${where}: the root of the first ${signed.size} cells, as some of them are damaged or missing`,
      );
    for (const pin of pins) {
      const seen = pin.checkpoint.trees[stream];
      if (isRoot(seen) !== true) this.#failed.add(pin);
      if (isRoot(seen) === false && !(signed && signed.size === seen.size))
        this.faults.push(
          `${where}: the first ${seen.size} cells are others than when it was last read: exchange`,
        );
    }
  }

  /** Pins of which every root was found. */
  confirmed(): Pin[] {
    return this.segment.pins.filter((pin) => !this.#failed.has(pin));
  }
}

async function openAll(found: Survey, identities: readonly Identity[]) {
  if (identities.length === 0) return { mails: 0, void: 0, erased: 0, expired: 0, faults: [], unfound: [] };
  const { contents, index } = await openSurveyed(found, identities);
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
  const expired = contents.expired.length;
  const { unfound } = contents;
  return { mails, void: contents.void, erased: contents.erased.length, expired, faults, unfound };
}
