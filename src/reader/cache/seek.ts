/** Seek: one segment looked through for identities that do not know all of it, and what came of it for each. */
import { FormatError } from '../../core/errors.js';
import { decodeEnvelope, type Envelope } from '../../format/envelope.js';
import { describePlace } from '../../format/place.js';
import type { SegmentStamp } from '../../journal/journal-view.js';
import type { SegmentIndex } from '../blocks.js';
import { Mail } from '../mail.js';
import { type OwnCell, scanBuffers, scanSegment } from '../segment-scan.js';
import type { LiveSegment } from '../survey.js';
import type { Keeper } from './keeper.js';
import { type KeptSegment, keptName, leafOf, type Spanning } from './kept-segment.js';
import type { ListedMail } from './listed-mail.js';
import { listedMail } from './listing.js';
import type { Findings, OwnSegment } from './look.js';

/** For whom a segment is looked through, and what is known of it and holds. */
export interface Wanted {
  readonly keeper: Keeper;
  readonly kept: KeptSegment | undefined;
}

/** Segments are looked through one after the other. */
let buffers: readonly Uint8Array[] | undefined;

/** Finds what is new in a segment, and keeps what is settled of it. Damage is collected, never thrown. */
export async function seek(
  live: LiveSegment,
  wanted: readonly Wanted[],
  stamp: SegmentStamp | undefined,
  index: SegmentIndex,
  findings: Findings,
): Promise<OwnSegment[]> {
  const { view, claim } = live;
  const seekers = wanted.map(({ keeper, kept }) => new Seeking(keeper, kept, live, index, findings));
  const seekerOf = new Map(seekers.map((seeker) => [seeker.identity, seeker]));
  let settled = Math.min(claim.envelopes, view.counts.envelopes);
  buffers ??= scanBuffers();
  const result = await scanSegment(view, claim, seekers, buffers, {
    own: (cell) => seekerOf.get(cell.identity)?.own(cell),
    fault: (words, envelope) => {
      if (envelope !== undefined) settled = Math.min(settled, envelope);
      findings.faults.push(words);
    },
    unfound: (words) => findings.unfound.push(words),
  }).catch((error: unknown) => {
    if (!(error instanceof FormatError)) throw error;
    findings.faults.push(error.message);
    return undefined;
  });
  const done: OwnSegment[] = [];
  for (const [at, seeker] of seekers.entries()) {
    const own = result?.seekers[at];
    const isWhole = result?.allTried === true && own !== undefined;
    done.push(await seeker.end(isWhole ? { ...own, tried: result.tried, settled, stamp } : undefined));
  }
  return done;
}

interface Whole {
  readonly from: number;
  readonly channels: KeptSegment['channels'];
  readonly tried: number;
  /** Below this number all is as it will be. */
  readonly settled: number;
  readonly stamp: SegmentStamp | undefined;
}

/** One identity's part of a look. */
class Seeking {
  readonly identity: Keeper['identity'];
  readonly from: number;
  readonly known: { readonly tried: number; readonly channels: KeptSegment['channels'] } | undefined;
  readonly #mails: ListedMail[] = [];
  readonly #erased: { id: string; number: number }[] = [];
  readonly #spanning: Spanning[] = [];
  readonly #expired = new Map<ListedMail, number>();
  /** The first envelope of which it is not settled what it is. */
  #unsettled = Number.POSITIVE_INFINITY;

  constructor(
    readonly keeper: Keeper,
    readonly kept: KeptSegment | undefined,
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
        tried: whole.tried,
        channels: whole.channels,
        stamp: whole.stamp,
        pages,
        erased: [...(before?.erased ?? []), ...this.#erased.filter(isSettled)],
        spanning: [...(before?.spanning ?? []), ...this.#spanning.filter(isSettled)],
      };
      keeper.keep(kept);
    } else keeper.forget(name);
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
