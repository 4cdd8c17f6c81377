/** Listed mailbox: the mail that a set of identities can open, page by page, and what is the matter with the rest. */
import { hex } from '../../core/bytes.js';
import { FormatError } from '../../core/errors.js';
import { append, greatest, least } from '../../core/long-lists.js';
import { cellSizes, isErased } from '../../format/cell.js';
import type { SegmentView } from '../../journal/journal-view.js';
import type { Identity } from '../../seal/keys.js';
import type { SegmentIndex } from '../blocks.js';
import { idOf } from '../id.js';
import type { Mail } from '../mail.js';
import type { LiveSegment, Survey } from '../survey.js';
import type { Keeper } from './keeper.js';
import { type KeptPage, keptName } from './kept-segment.js';
import { type BareMail, changedEnvelope, keyOf, type ListedMail, mayHold, placeOf } from './listed-mail.js';
import { type Findings, look, type OwnSegment } from './look.js';
import { inTurn, type Page } from './page.js';

/** A mail that nobody can read any more, and nothing is the matter. */
export interface ExpiredId {
  readonly id: string;
  /** The number of a segment that was dropped. */
  readonly segment: number;
}

export class ListedMailbox {
  /** Ids of erased envelopes of ours. */
  readonly erased: readonly string[];
  readonly expired: readonly ExpiredId[];
  /** Those of one segment stand together, in the order of their envelopes. */
  readonly pages: readonly Page[];
  /** keptName of a segment and number of an envelope → the dropped segment. */
  readonly #expired = new Map<string, number>();
  /** Position of a segment among all. */
  readonly #order: ReadonlyMap<string, number>;
  /** By the segment's id. */
  readonly #views: ReadonlyMap<string, SegmentView>;
  /** What opens envelopes is loaded when one is to be opened. */
  #opening: Promise<[typeof import('../../seal/envelope.js'), typeof import('../mail.js')]> | undefined;

  private constructor(
    readonly survey: Survey,
    /** Opens contents; made when it is asked for. */
    readonly index: () => Promise<SegmentIndex>,
    readonly findings: Findings,
    readonly segments: readonly OwnSegment[],
  ) {
    const views = survey.lanes.flatMap((lane) => lane.live).map(({ view }) => view);
    this.#order = new Map(views.map((view, at) => [keptName(view), at]));
    // Where two have one id, the first counts.
    this.#views = new Map(views.map((view) => [hex(view.place.id), view] as const).reverse());
    this.erased = segments.flatMap(({ kept, erased }) => [
      ...(kept?.erased.map(({ id }) => id) ?? []),
      ...erased,
    ]);
    this.expired = this.#findExpired();
    this.pages = segments.flatMap((segment) => this.#pagesOf(segment));
  }

  /** Looks at what is new in every segment, and adds it to what the keepers know. Damage is collected, never thrown. */
  static async open(
    survey: Survey,
    keepers: readonly Keeper[],
    onProgress: (done: number, total: number) => void = () => {},
  ): Promise<ListedMailbox> {
    const live = survey.lanes.flatMap((lane) => lane.live);
    let made: Promise<SegmentIndex> | undefined;
    const index = () => {
      made ??= indexOf(survey);
      return made;
    };
    const findings: Findings = { damaged: [], faults: [...survey.faults], unfound: [], void: 0 };
    const names = new Set(live.map(({ view }) => keptName(view)));
    for (const keeper of keepers) keeper.forgetAllBut(names);
    const own: OwnSegment[] = [];
    const octets = ({ view }: LiveSegment) => view.counts.envelopes * cellSizes.envelopes;
    const total = live.reduce((sum, segment) => sum + octets(segment), 0);
    let done = 0;
    for (const segment of live) {
      append(own, await look(segment, keepers, index, findings));
      // What ends the program here costs what was not written yet.
      for (const keeper of keepers) if (keeper.isFull) keeper.save();
      done += octets(segment);
      onProgress(done, total);
    }
    return new ListedMailbox(survey, index, findings, own);
  }

  /** Mails that are not expired. */
  get count(): number {
    return this.pages.reduce((sum, page) => sum + page.count, 0) - this.#expired.size;
  }

  /** The same of one identity. */
  countOf(identity: Identity): number {
    let count = 0;
    for (const { keeper, kept, tail } of this.segments) {
      if (keeper.identity !== identity) continue;
      count += tail.length;
      for (const page of kept?.pages ?? []) count += page.count;
      for (const { number } of kept?.spanning ?? [])
        if (this.#expired.has(`${kept?.name} ${number}`)) count--;
    }
    return count;
  }

  /** All mails, the one received last first, some at a time. */
  newestFirst(): AsyncGenerator<ListedMail[]> {
    return inTurn(this.pages, 'newest', (a, b) => this.#compare(a, b));
  }

  /** All mails in the order of reading, some at a time. */
  oldestFirst(): AsyncGenerator<ListedMail[]> {
    return inTurn(this.pages, 'oldest', (a, b) => this.#compare(a, b));
  }

  /** The mails whose ids begin so, in the order of reading; expired ones left out. */
  async beginningWith(beginning: string): Promise<ListedMail[]> {
    const found: ListedMail[] = [];
    for (const page of this.pages)
      if (page.mayHold(beginning))
        append(
          found,
          (await page.mails()).filter(({ id }) => id.startsWith(beginning)),
        );
    return found.sort((a, b) => this.#compare(a, b));
  }

  /** All mails of one identity in the order of reading, without their texts. */
  async bareMailsOf(keeper: Keeper): Promise<BareMail[]> {
    const all: BareMail[] = [];
    for (const segment of this.segments) {
      if (segment.keeper !== keeper) continue;
      const { kept, live, tail } = segment;
      for (const page of kept?.pages ?? []) {
        const mails = keeper.bareMailsOf(page, live.view.place) ?? (await this.#keptMails(segment, page));
        for (const mail of mails)
          if (this.#expired.size === 0 || !this.#expired.has(`${kept?.name} ${mail.number}`)) all.push(mail);
      }
      for (const mail of tail) all.push(mail);
    }
    // The segments come in order, and the sort is stable.
    return all.sort((a, b) => a.receivedAt - b.receivedAt);
  }

  /** Those received at one moment, as the envelopes of one message are, expired ones included. */
  async receivedAt(time: number): Promise<ListedMail[]> {
    const found: ListedMail[] = [];
    for (const segment of this.segments)
      for (const page of segment.kept?.pages ?? [])
        if (page.earliest <= time && time <= page.latest)
          append(
            found,
            (await this.#keptMails(segment, page)).filter((mail) => mail.receivedAt === time),
          );
    for (const { tail, expired } of this.segments)
      append(
        found,
        [...tail, ...expired.map(({ mail }) => mail)].filter((mail) => mail.receivedAt === time),
      );
    return found;
  }

  /** An expired mail, as it was listed before. */
  async expiredMail({ id }: ExpiredId): Promise<ListedMail | undefined> {
    for (const segment of this.segments) {
      const inTail = segment.expired.find(({ mail }) => mail.id === id);
      if (inTail) return inTail.mail;
      const spanning = segment.kept?.spanning.find((one) => one.id === id);
      for (const page of segment.kept?.pages ?? [])
        if (spanning && page.first <= spanning.number && spanning.number <= page.last)
          return (await this.#keptMails(segment, page)).find((mail) => mail.id === id);
    }
    return undefined;
  }

  /** The mail with its envelope, as the journal has it now. Throws FormatError if that is not what was listed. */
  async opened(mail: ListedMail): Promise<Mail> {
    const view = this.#views.get(hex(mail.at.id));
    const cell = await view?.read('envelopes', mail.number, 1);
    if (!cell || cell.length < cellSizes.envelopes || idOf(cell) !== mail.id) throw changedEnvelope(mail);
    if (isErased(cell)) throw new FormatError(placeOf(mail), 'this mail was erased while it was read');
    this.#opening ??= Promise.all([import('../../seal/envelope.js'), import('../mail.js')]);
    const [{ openEnvelope }, { Mail }] = await this.#opening;
    const plaintext = openEnvelope(cell, keyOf(mail), mail.at, mail.number);
    if (!plaintext) throw changedEnvelope(mail);
    return new Mail(mail.id, mail.identity, mail.at, mail.number, plaintext);
  }

  #compare(a: ListedMail, b: ListedMail): number {
    if (a.receivedAt !== b.receivedAt) return a.receivedAt - b.receivedAt;
    const place = ({ at }: ListedMail) => this.#order.get(`${hex(at.lane)}/${at.segment}/${hex(at.id)}`) ?? 0;
    return a.at === b.at ? a.number - b.number : place(a) - place(b);
  }

  /** Which mails are in blocks of a segment that was dropped; the first run that is not there decides. */
  #findExpired(): ExpiredId[] {
    const dropped = new Set(
      this.survey.lanes.flatMap((lane) =>
        lane.dropped.map((one) => `${hex(one.dropped.lane)}/${one.dropped.segment}`),
      ),
    );
    const live = new Set(
      this.survey.lanes
        .flatMap((lane) => lane.live)
        .map(({ view: { place } }) => `${hex(place.lane)}/${place.segment}`),
    );
    const expired: ExpiredId[] = [];
    for (const { kept, live: own, expired: inTail } of this.segments) {
      const lane = hex(own.view.place.lane);
      for (const { id, number, segments } of kept?.spanning ?? []) {
        const gone = segments.find((segment) => !live.has(`${lane}/${segment}`));
        if (gone === undefined || !dropped.has(`${lane}/${gone}`)) continue;
        expired.push({ id, segment: gone });
        this.#expired.set(`${kept?.name} ${number}`, gone);
      }
      for (const { mail, segment } of inTail) expired.push({ id: mail.id, segment });
    }
    return expired;
  }

  #pagesOf(segment: OwnSegment): Page[] {
    const { kept, keeper, live, tail } = segment;
    const isLeft = ({ number }: ListedMail) =>
      this.#expired.size === 0 || !this.#expired.has(`${kept?.name} ${number}`);
    const pages: Page[] = (kept?.pages ?? []).map((page) => ({
      ...{ identity: keeper.identity, name: page.name },
      ...{ earliest: page.earliest, latest: page.latest, count: page.count },
      mails: async () => (await this.#keptMails(segment, page)).filter(isLeft),
      some: async (ids) =>
        (
          keeper.someMailsOf(page, ids, live.view.place) ??
          onlyOf(await this.#keptMails(segment, page), new Set(ids))
        ).filter(isLeft),
      mayHold: (beginning) => {
        const octets = keeper.page(page.name);
        return !octets || mayHold(octets, beginning);
      },
    }));
    if (tail.length === 0) return pages;
    const times = tail.map(({ receivedAt }) => receivedAt);
    const [earliest, latest] = [least(times), greatest(times)];
    const mails = async () => [...tail];
    const of = { identity: keeper.identity, name: undefined, count: tail.length };
    const some = async (ids: readonly string[]) => onlyOf(tail, new Set(ids));
    return [...pages, { ...of, earliest, latest, mails, some, mayHold: () => true }];
  }

  /** The mails of a kept page; if it is lost, they are looked for in the journal again. */
  async #keptMails({ keeper, live }: OwnSegment, page: KeptPage): Promise<ListedMail[]> {
    const mails = keeper.mailsOf(page, live.view.place);
    if (mails) return mails;
    const again = await keeper.apart((alone) =>
      look(live, [alone], this.index, { damaged: [], faults: [], unfound: [], void: 0 }),
    );
    const found: ListedMail[] = [];
    for (const segment of again) {
      for (const other of segment.kept?.pages ?? [])
        append(found, segment.keeper.mailsOf(other, live.view.place) ?? []);
      append(found, segment.tail);
    }
    return found.filter(({ number }) => page.first <= number && number <= page.last);
  }
}

function onlyOf(mails: readonly ListedMail[], ids: ReadonlySet<string>): ListedMail[] {
  return mails.filter(({ id }) => ids.has(id));
}

/** Most readings only list: what opens blocks is not loaded then. */
async function indexOf({ lanes }: Survey): Promise<SegmentIndex> {
  const { SegmentIndex } = await import('../blocks.js');
  return new SegmentIndex(
    lanes.flatMap(({ live }) => live.map(({ view }) => view)),
    lanes.flatMap((lane) =>
      lane.dropped.map(({ dropped, checkpoint }) => ({ ...dropped, blocks: checkpoint.trees.blocks.size })),
    ),
  );
}
