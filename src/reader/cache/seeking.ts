/** Seeking: what one identity finds while a segment is looked through, and what is kept of it. */
import { FormatError } from '../../core/errors.js';
import { decodeEnvelope, type Envelope } from '../../format/envelope.js';
import { describePlace, describeSegment } from '../../format/place.js';
import type { SegmentStamp } from '../../journal/journal-view.js';
import type { SegmentIndex } from '../blocks.js';
import { Mail } from '../mail.js';
import type { OwnCell } from '../segment-scan.js';
import type { LiveSegment } from '../survey.js';
import type { Keeper } from './keeper.js';
import { leafOf } from './kept-cells.js';
import { type KeptSegment, keptName, type Spanning } from './kept-segment.js';
import type { BareMail, ListedMail } from './listed-mail.js';
import { listedMail } from './listing.js';
import type { Findings, OwnSegment } from './look.js';
import { channelSum, type TagSums } from './sums.js';

/** What a scan that met no damage of the disk says for one identity. */
interface Whole {
  readonly from: number;
  readonly channels: KeptSegment['channels'];
  readonly tried: number;
  /** Below this number all is as it will be. */
  readonly settled: number;
  readonly stamp: SegmentStamp | undefined;
  readonly sums: TagSums;
}

/** Lost mails that are named one by one. */
const mostNamed = 20;

export class Seeking {
  readonly identity: Keeper['identity'];
  readonly from: number;
  readonly known: { readonly tried: number; readonly channels: KeptSegment['channels'] } | undefined;
  readonly #mails: ListedMail[] = [];
  readonly #erased: { id: string; number: number }[] = [];
  readonly #spanning: Spanning[] = [];
  readonly #expired = new Map<ListedMail, number>();
  /** Ids of all envelopes of this identity that were met, whatever they are. */
  readonly #met = new Set<string>();
  /** The first envelope of which it is not settled what it is. */
  #unsettled = Number.POSITIVE_INFINITY;

  constructor(
    readonly keeper: Keeper,
    readonly kept: KeptSegment | undefined,
    readonly before: readonly BareMail[] | undefined,
    readonly live: LiveSegment,
    readonly index: SegmentIndex,
    readonly findings: Findings,
  ) {
    this.identity = keeper.identity;
    this.from = kept?.scanned ?? 0;
    this.known = kept && { tried: kept.tried, channels: kept.channels };
  }

  own({ id, number, key, content }: OwnCell): void | Promise<void> {
    const { view, claim } = this.live;
    if (this.before) this.#met.add(id);
    if (content === 'erased') return void this.#erased.push({ id, number });
    if (content === 'void') return void this.findings.void++;
    if ('fault' in content) return this.#damaged(id, number, content.fault);
    const found = { id, identity: this.identity, at: view.place, number };
    let envelope: Envelope;
    try {
      envelope = decodeEnvelope(content, describePlace(view.place, 'envelopes', number));
    } catch (error) {
      return this.#damaged(id, number, error instanceof FormatError ? error.fault : String(error));
    }
    const mail = listedMail(found, key, envelope);
    const isHere =
      envelope.depth === 0 && envelope.runs.every(({ segment }) => segment === view.place.segment);
    if (isHere && number < claim.envelopes) return void this.#mails.push(mail);
    return this.#weigh(mail, new Mail(id, this.identity, view.place, number, content), envelope);
  }

  /** A mail whose blocks are elsewhere too, or that is perhaps void. */
  async #weigh(mail: ListedMail, opened: Mail, envelope: Envelope): Promise<void> {
    const { index } = this;
    const { number, id } = mail;
    const dropped = index.mayBeExpired(opened) ? await index.expired(opened) : undefined;
    if (dropped !== undefined) this.#expired.set(mail, dropped);
    else if (number >= this.live.claim.envelopes)
      try {
        if (!(await index.allStand(opened))) return void this.findings.void++;
      } catch (error) {
        return this.#damaged(id, number, error instanceof FormatError ? error.fault : String(error));
      }
    this.#mails.push(mail);
    const segments =
      envelope.depth === 0
        ? [...new Set(envelope.runs.map(({ segment }) => segment))]
        : await index.segmentsNamed(opened);
    if (!segments) this.#unsettle(number);
    else if (segments.some((segment) => segment !== mail.at.segment))
      this.#spanning.push({ id, number, segments });
  }

  #damaged(id: string, number: number, fault: string): void {
    const place = describePlace(this.live.view.place, 'envelopes', number);
    this.findings.damaged.push({ id, place, fault });
    this.#unsettle(number);
  }

  #unsettle(number: number): void {
    this.#unsettled = Math.min(this.#unsettled, number);
  }

  /** Keeps what is settled. */
  async end(whole: Whole | undefined): Promise<OwnSegment> {
    const { keeper, live } = this;
    const { view } = live;
    const name = keptName(view);
    // What was known stays so, for the day on which the journal is whole again.
    if (this.#sayLost()) return this.#found(undefined, () => false);
    const settled = whole ? Math.min(whole.settled, this.#unsettled) : 0;
    const isAnew = !whole || !this.kept || whole.from === 0;
    if (isAnew) keeper.forget(name);
    const before = isAnew ? undefined : this.kept;
    const isSettled = ({ number }: { readonly number: number }) => number < settled;
    let kept: KeptSegment | undefined;
    if (whole) {
      const pages = keeper.addMails(before?.pages ?? [], this.#mails.filter(isSettled), view.place);
      const leaf =
        settled === before?.scanned ? before.leaf : settled > 0 ? await leafOf(view, settled - 1) : '';
      kept = {
        name,
        generation: before?.generation ?? keeper.newName(),
        scanned: settled,
        leaf,
        // Without a channel of ours, no tag can be ours.
        tags: whole.channels.length > 0 ? await whole.sums.below(settled, view, before) : [],
        tried: whole.tried,
        channelSum: await channelSum(view, whole.tried),
        channels: whole.channels,
        stamp: whole.stamp,
        pages,
        erased: [...(before?.erased ?? []), ...this.#erased.filter(isSettled)],
        spanning: [...(before?.spanning ?? []), ...this.#spanning.filter(isSettled)],
      };
      keeper.keep(kept);
    } else keeper.forget(name);
    return this.#found(kept, isSettled);
  }

  /** Tells of mails that were known, and are not there any more though their cells are; true if there are any. */
  #sayLost(): boolean {
    const lost = this.before?.filter(({ id }) => !this.#met.has(id)) ?? [];
    const { view } = this.live;
    if (lost.length > mostNamed)
      this.findings.faults.push(
        `${describeSegment(view.place)}: ${lost.length} mails that were listed before are not there any more: their envelopes, or a channel, were changed`,
      );
    else
      for (const { id, number } of lost)
        this.findings.damaged.push({
          id,
          place: describePlace(view.place, 'envelopes', number),
          fault: 'was listed before, and is not there any more: its envelope, or a channel, was changed',
        });
    return lost.length > 0;
  }

  #found(
    kept: KeptSegment | undefined,
    isSettled: (one: { readonly number: number }) => boolean,
  ): OwnSegment {
    const { keeper, live } = this;
    const tail = this.#mails.filter((mail) => !kept || !isSettled(mail));
    return {
      keeper,
      live,
      kept,
      tail: tail.filter((mail) => !this.#expired.has(mail)),
      erased: this.#erased.filter((one) => !kept || !isSettled(one)).map(({ id }) => id),
      expired: tail.flatMap((mail) => {
        const segment = this.#expired.get(mail);
        return segment === undefined ? [] : [{ mail, segment }];
      }),
    };
  }
}
