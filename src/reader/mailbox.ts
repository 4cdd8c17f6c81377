/** Mailbox: the mail in a journal that a set of identities can open, in order of arrival. */
import { FormatError } from '../core/errors.js';
import { cellSizes, checkedHash, isErased } from '../format/cell.js';
import type { Counts } from '../format/claim.js';
import { describePlace, describeSegment } from '../format/place.js';
import type { JournalView, SegmentView } from '../journal/journal-view.js';
import { readAround } from '../journal/read-around.js';
import { openChannel } from '../seal/channel.js';
import { openEnvelope } from '../seal/envelope.js';
import { type Identity, showFingerprint } from '../seal/keys.js';
import { SegmentIndex } from './blocks.js';
import { idOf } from './id.js';
import { Mail } from './mail.js';
import type { Pin } from './pins.js';
import { type Survey, survey } from './survey.js';
import { type Channel, TagTable } from './tag-table.js';

/** One envelope of ours that cannot be opened. */
export interface DamagedMail {
  readonly id: string;
  readonly place: string;
  readonly fault: string;
}

export interface MailboxContents {
  /** Oldest first, by receive time. */
  readonly mails: readonly Mail[];
  readonly damaged: readonly DamagedMail[];
  /** Ids of erased envelopes of ours. */
  readonly erased: readonly string[];
  /** Envelopes whose blocks never all reached the disk: they were never acknowledged. */
  readonly void: number;
  /** Mails whose blocks, or some of them, were in a segment that was dropped; oldest first. */
  readonly expired: readonly ExpiredMail[];
  /** What of the journal could not be read at all, and what is not as it was when it was pinned. */
  readonly faults: readonly string[];
  /** Segments that may hold more mail of ours: a channel is lost there, and one of our keys has none. Each a place, and words. */
  readonly unfound: readonly string[];
}

/** A mail that nobody can read any more, and nothing is the matter. */
export interface ExpiredMail {
  readonly mail: Mail;
  /** The number of a segment that was dropped. */
  readonly segment: number;
}

/** Cells read at a time: about a megabyte. */
const cellsAtOnce = 819;

/**
 * Finds all mail of the identities in a journal, and holds it against the reader's pins. Damage is collected, never
 * thrown: whatever opens is listed.
 */
export async function openMailbox(
  view: JournalView,
  identities: readonly Identity[],
  pins: readonly Pin[] = [],
): Promise<{ contents: MailboxContents; index: SegmentIndex; found: Survey }> {
  const found = await survey(view, pins);
  return { ...(await openSurveyed(found, identities)), found };
}

/** The same, in a journal that was surveyed. */
export async function openSurveyed(
  found: Survey,
  identities: readonly Identity[],
): Promise<{ contents: MailboxContents; index: SegmentIndex }> {
  const live = found.lanes.flatMap((lane) => lane.live);
  const index = new SegmentIndex(
    live.map(({ view }) => view),
    found.lanes.flatMap((lane) =>
      lane.dropped.map(({ dropped, checkpoint }) => ({ ...dropped, blocks: checkpoint.trees.blocks.size })),
    ),
  );
  const scan: Scan = {
    mails: [],
    expired: [],
    damaged: [],
    faults: [...found.faults],
    unfound: [],
    erased: [],
    void: 0,
    buffers: [makeBuffer(), makeBuffer()],
  };
  for (const { view, claim } of live)
    await scanSegment(view, claim, identities, index, scan).catch((error: unknown) => {
      if (!(error instanceof FormatError)) throw error;
      scan.faults.push(error.message);
    });
  // The sort is stable: mails of one lane and millisecond stay in the order of their cells.
  scan.mails.sort((a, b) => a.receivedAt - b.receivedAt);
  scan.expired.sort((a, b) => a.mail.receivedAt - b.mail.receivedAt);
  return { contents: scan, index };
}

interface Scan {
  readonly mails: Mail[];
  readonly expired: ExpiredMail[];
  readonly damaged: DamagedMail[];
  readonly faults: string[];
  readonly unfound: string[];
  readonly erased: string[];
  void: number;
  /** Room for two pieces of a stream of envelopes. */
  readonly buffers: readonly Uint8Array[];
}

function makeBuffer(): Uint8Array {
  return Buffer.allocUnsafeSlow(cellsAtOnce * cellSizes.envelopes);
}

async function scanSegment(
  segment: SegmentView,
  claim: Counts,
  identities: readonly Identity[],
  index: SegmentIndex,
  scan: Scan,
): Promise<void> {
  const size = cellSizes.envelopes;
  // While one piece is looked through, or the channels are tried, the next is read into the other buffer.
  const read = async (first: number) => {
    const room = scan.buffers[(first / cellsAtOnce) & 1] as Uint8Array;
    const count = Math.min(cellsAtOnce, segment.counts.envelopes - first);
    const some = (from: number, most: number, into?: Uint8Array) =>
      segment.read('envelopes', from, most, into);
    if (count <= 0) return room.subarray(0, 0);
    const { cells, lost } = await readAround(some, size, first, count, room);
    sayLost(scan, lost);
    return cells;
  };
  let next = read(0);
  // Whoever awaits it meets the error; until then nobody may.
  next.catch(() => undefined);
  const channels = await openChannels(segment, claim, identities, scan);
  if (channels.length === 0) {
    await next;
    return;
  }
  const table = new TagTable(channels);
  const { place } = segment;
  const where = (number: number) => describePlace(place, 'envelopes', number);
  for (let first = 0; first < segment.counts.envelopes; first += cellsAtOnce) {
    const cells = await next;
    next = read(first + cellsAtOnce);
    next.catch(() => undefined);
    for (let at = 0; at + size <= cells.length; at += size) {
      const found = table.find(cells, at);
      if (!found) continue;
      const number = first + at / size;
      const cell = cells.subarray(at, at + size);
      const id = idOf(cell);
      const plaintext = openEnvelope(cell, found.key, place, number);
      if (!plaintext) {
        if (isErased(cell)) scan.erased.push(id);
        else if (number < claim.envelopes)
          scan.damaged.push({ id, place: where(number), fault: envelopeFault(cell, segment, number) });
        else scan.void++;
        continue;
      }
      try {
        const mail = new Mail(id, found.owner, place, number, plaintext);
        const dropped = index.mayBeExpired(mail) ? await index.expired(mail) : undefined;
        if (dropped !== undefined) scan.expired.push({ mail, segment: dropped });
        else if (number < claim.envelopes || (await index.allStand(mail))) scan.mails.push(mail);
        else scan.void++;
      } catch (error) {
        scan.damaged.push({
          id,
          place: where(number),
          fault: error instanceof FormatError ? error.fault : String(error),
        });
      }
    }
  }
  await next;
  for (const { chain } of channels) chain.release();
}

/** Cells that the disk does not give often stand in a row: the first is named, and how many there are. */
function sayLost(scan: Scan, lost: readonly FormatError[]): void {
  const [first] = lost;
  if (first === undefined) return;
  const more = lost.length === 1 ? '' : `, and ${lost.length - 1} after it`;
  scan.faults.push(`${first.message}${more}: mail of which the envelope is there cannot be listed`);
}

function envelopeFault(cell: Uint8Array, { place }: SegmentView, number: number): string {
  return checkedHash(cell, place, 'envelopes', number)
    ? 'envelope is sealed with the right key but does not open: it was changed'
    : 'envelope does not match its check: it is damaged';
}

/** Tries each identity on each channel cell. */
async function openChannels(
  segment: SegmentView,
  claim: Counts,
  identities: readonly Identity[],
  scan: Scan,
): Promise<Channel<Identity>[]> {
  const { place, counts } = segment;
  const size = cellSizes.channels;
  const channels: Channel<Identity>[] = [];
  // What the file ends before is lost as well; the survey has told of it.
  let lost = Math.max(0, claim.channels - counts.channels);
  for (let first = 0; first < counts.channels; first += cellsAtOnce) {
    const cells = await segment.read('channels', first, cellsAtOnce);
    for (let at = 0; at + size <= cells.length; at += size) {
      const number = first + at / size;
      const cell = cells.subarray(at, at + size);
      if (!checkedHash(cell, place, 'channels', number)) {
        if (number >= claim.channels) continue;
        lost++;
        scan.faults.push(
          `${describePlace(place, 'channels', number)}: both copies are damaged; mail of one key in this segment cannot be found`,
        );
        continue;
      }
      try {
        for (const identity of identities) {
          const chain = openChannel(cell, identity, place, number);
          if (chain) channels.push({ owner: identity, chain });
        }
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        scan.faults.push(error.message);
      }
    }
  }
  if (lost > 0)
    for (const identity of identities)
      if (!channels.some(({ owner }) => owner === identity))
        scan.unfound.push(
          `${describeSegment(place)}: mail to key ${showFingerprint(identity.fingerprint)} cannot be found here, if its channel was ${lost === 1 ? 'the one that is' : `among the ${lost} that are`} lost`,
        );
  return channels;
}
