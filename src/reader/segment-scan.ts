/** Segment scan: finds the envelopes of given identities among the cells of a segment (spec/sealing.md, Finding mail). */
import { FormatError } from '../core/errors.js';
import { cellSizes, checkedHash, isErased } from '../format/cell.js';
import type { Counts } from '../format/claim.js';
import { describePlace, describeSegment } from '../format/place.js';
import type { SegmentView } from '../journal/journal-view.js';
import { readAround } from '../journal/read-around.js';
import { openChannel } from '../seal/channel.js';
import { openEnvelope } from '../seal/envelope.js';
import { type Identity, showFingerprint } from '../seal/keys.js';
import { idOf } from './id.js';
import { type Channel, TagTable } from './tag-table.js';

/** A channel of an identity: its cell, and how many runs of its steps were met (tag-table.ts). */
export interface OwnChannel {
  readonly number: number;
  readonly runs: number;
}

/** For whom a segment is looked through, and what an earlier look already knows. */
export interface Seeker {
  readonly identity: Identity;
  /** The first envelope that was not looked at; 0 if nothing is known. */
  readonly from: number;
  /** Whose channels those below `tried` are; undefined if nothing is known. */
  readonly known?: { readonly tried: number; readonly channels: readonly OwnChannel[] } | undefined;
}

/** An envelope of ours, as it was met. */
export interface OwnCell {
  readonly identity: Identity;
  readonly id: string;
  readonly number: number;
  /** The key of its step. 32 octets, valid until the next cell. */
  readonly key: Uint8Array;
  /** The opened envelope; or what it is if it does not open. */
  readonly content: Uint8Array | 'erased' | 'void' | { readonly fault: string };
}

export interface ScanReport {
  own(cell: OwnCell): void | Promise<void>;
  /** Cells as they were read, in pieces; good until the next. */
  piece?(first: number, cells: Uint8Array): void;
  /** Words of what cannot be read; for cells, the first of them. */
  fault(words: string, envelope?: number): void;
  unfound(words: string): void;
}

export interface ScanResult {
  /** Channel cells that were tried. */
  readonly tried: number;
  /** Whether every one of them is whole, and of a version that is known. */
  readonly allTried: boolean;
  /** For each seeker: where it began in the end (a new channel of his begins anew), and his channels. */
  readonly seekers: readonly { readonly from: number; readonly channels: readonly OwnChannel[] }[];
}

/** Cells read at a time: about a megabyte. */
const cellsAtOnce = 819;

/** Room for two pieces of a stream of envelopes. */
export function scanBuffers(): readonly Uint8Array[] {
  const make = () => Buffer.allocUnsafeSlow(cellsAtOnce * cellSizes.envelopes);
  return [make(), make()];
}

/** Looks through one segment, in order of its cells. Throws FormatError if its channels cannot be read. */
export async function scanSegment(
  segment: SegmentView,
  claim: Counts,
  seekers: readonly Seeker[],
  buffers: readonly Uint8Array[],
  report: ScanReport,
): Promise<ScanResult> {
  const size = cellSizes.envelopes;
  // While one piece is looked through, or the channels are tried, the next is read into the other buffer.
  const read = async (first: number) => {
    const room = buffers[Math.floor(first / cellsAtOnce) & 1] as Uint8Array;
    const count = Math.min(cellsAtOnce, segment.counts.envelopes - first);
    const some = (from: number, most: number, into?: Uint8Array) =>
      segment.read('envelopes', from, most, into);
    if (count <= 0) return room.subarray(0, 0);
    const { cells, lost } = await readAround(some, size, first, count, room);
    if (lost.length > 0) report.fault(lostWords(lost), first);
    return cells;
  };
  const from = Math.min(...seekers.map((one) => one.from));
  let first = Number.isFinite(from) ? from : 0;
  let next = read(first);
  // Whoever awaits it meets the error; until then nobody may.
  next.catch(() => undefined);
  const channels = new ChannelSearch(segment, claim, seekers, report);
  const found = await channels.open();
  const begin = seekers.map((seeker) => (channels.isNew(seeker.identity) ? 0 : seeker.from));
  const result = (table?: TagTable<Identity>): ScanResult => ({
    tried: channels.tried,
    allTried: channels.lost === 0 && !channels.isNewer,
    seekers: seekers.map(({ identity }, at) => ({
      from: begin[at] as number,
      channels: found
        .filter(({ owner }) => owner === identity)
        .map((channel) => ({ number: channel.number, runs: table?.runsOf(channel) ?? 0 })),
    })),
  });
  if (found.length === 0) {
    await next;
    return result();
  }
  const begins = new Map(seekers.map(({ identity }, at) => [identity, begin[at] as number]));
  const earliest = Math.min(...begin);
  if (earliest < first) {
    await next;
    first = earliest;
    next = read(first);
    next.catch(() => undefined);
  }
  const table = new TagTable<Identity>(found);
  for (; first < segment.counts.envelopes; first += cellsAtOnce) {
    const cells = await next;
    next = read(first + cellsAtOnce);
    next.catch(() => undefined);
    report.piece?.(first, cells);
    for (let at = 0; at + size <= cells.length; at += size) {
      const step = table.find(cells, at);
      if (!step) continue;
      const number = first + at / size;
      if (number < (begins.get(step.owner) ?? 0)) continue;
      const cell = cells.subarray(at, at + size);
      const told = report.own({
        identity: step.owner,
        id: idOf(cell),
        number,
        key: step.key,
        content: openEnvelope(cell, step.key, segment.place, number) ?? closed(cell, segment, number, claim),
      });
      if (told instanceof Promise) await told;
    }
  }
  await next;
  for (const { chain } of found) chain.release();
  return result(table);
}

/** What an envelope of ours is that does not open. */
function closed(cell: Uint8Array, { place }: SegmentView, number: number, claim: Counts): OwnCell['content'] {
  if (isErased(cell)) return 'erased';
  if (number >= claim.envelopes) return 'void';
  return {
    fault: checkedHash(cell, place, 'envelopes', number)
      ? 'envelope is sealed with the right key but does not open: it was changed'
      : 'envelope does not match its check: it is damaged',
  };
}

/** Cells that the disk does not give often stand in a row: the first is named, and how many there are. */
function lostWords(lost: readonly FormatError[]): string {
  const more = lost.length === 1 ? '' : `, and ${lost.length - 1} after it`;
  return `${lost[0]?.message}${more}: mail of which the envelope is there cannot be listed`;
}

interface FoundChannel extends Channel<Identity> {
  readonly number: number;
}

/** Tries each identity on each channel cell, but for those of which it is known whose they are. */
class ChannelSearch {
  tried = 0;
  lost = 0;
  /** Whether one is of a version that is not known. */
  isNewer = false;
  readonly #found: FoundChannel[] = [];
  readonly #new = new Set<Identity>();

  constructor(
    readonly segment: SegmentView,
    readonly claim: Counts,
    readonly seekers: readonly Seeker[],
    readonly report: ScanReport,
  ) {
    // What the file ends before is lost as well; the survey has told of it.
    this.lost = Math.max(0, claim.channels - segment.counts.channels);
  }

  /** Whether a channel of his was found that was not known. */
  isNew(identity: Identity): boolean {
    return this.#new.has(identity);
  }

  async open(): Promise<FoundChannel[]> {
    const { segment, seekers } = this;
    const size = cellSizes.channels;
    const known = Math.min(...seekers.map((one) => one.known?.tried ?? 0));
    for (const { number } of seekers.flatMap((one) => one.known?.channels ?? []))
      if (number < known) this.#try(number, await segment.read('channels', number, 1));
    this.tried = Number.isFinite(known) ? known : 0;
    for (let first = this.tried; first < segment.counts.channels; first += cellsAtOnce) {
      const cells = await segment.read('channels', first, cellsAtOnce);
      for (let at = 0; at + size <= cells.length; at += size)
        this.#try(first + at / size, cells.subarray(at, at + size));
    }
    this.#tellUnfound();
    return this.#found;
  }

  #try(number: number, cell: Uint8Array): void {
    const { segment, claim, seekers, report } = this;
    const { place } = segment;
    if (!checkedHash(cell, place, 'channels', number)) {
      if (number >= claim.channels) return;
      this.lost++;
      report.fault(
        `${describePlace(place, 'channels', number)}: both copies are damaged; mail of one key in this segment cannot be found`,
      );
      return;
    }
    if (this.tried === number) this.tried = number + 1;
    try {
      for (const { identity, known } of seekers) {
        const before = known?.channels.find((one) => one.number === number);
        if (known && number < known.tried && !before) continue;
        const chain = openChannel(cell, identity, place, number);
        if (!chain) continue;
        if (!before) this.#new.add(identity);
        this.#found.push({ owner: identity, chain, number, runs: before?.runs ?? 0 });
      }
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.isNewer = true;
      report.fault(error.message);
    }
  }

  #tellUnfound(): void {
    const count = this.lost;
    if (count === 0) return;
    for (const { identity } of this.seekers)
      if (!this.#found.some(({ owner }) => owner === identity))
        this.report.unfound(
          `${describeSegment(this.segment.place)}: mail to key ${showFingerprint(identity.fingerprint)} cannot be found here, if its channel was ${count === 1 ? 'the one that is' : `among the ${count} that are`} lost`,
        );
  }
}
