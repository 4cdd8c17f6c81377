/** Follower: gives out the mail of one identity as it comes into a journal, each at least once (spec/commands.md, Watching). */
import { hex } from '../../core/bytes.js';
import { FormatError } from '../../core/errors.js';
import { checkedHash, isErased } from '../../format/cell.js';
import { describePlace } from '../../format/place.js';
import { openEnvelope } from '../../seal/envelope.js';
import type { Identity } from '../../seal/keys.js';
import { SegmentIndex } from '../blocks.js';
import { idOf } from '../id.js';
import { Mail } from '../mail.js';
import type { LiveSegment, Survey } from '../survey.js';
import { FollowedSegment, type OwnEnvelope } from './followed-segment.js';
import { type Position, startOf } from './position.js';

export interface Followed {
  /** True: it was delivered, or never will be. False: give it again at the next look. */
  deliver(mail: Mail, index: SegmentIndex): Promise<boolean>;
  /** What is the matter with a mail, or with what should hold one; said by the caller if it lasts. */
  fault(words: string): void;
  /** Called when what `positions` gives has changed. */
  moved(): Promise<void>;
}

/** Positions kept at most; those of the oldest go. */
const most = 100_000;

export class Follower {
  readonly identity: Identity;
  readonly #segments = new Map<string, FollowedSegment>();

  constructor(identity: Identity, positions: readonly Position[] = []) {
    this.identity = identity;
    for (const position of positions)
      this.#segments.set(keyOf(position), new FollowedSegment(identity, position));
  }

  get positions(): Position[] {
    return [...this.#segments.values()].map(({ position }) => position).slice(-most);
  }

  /** Takes all that is there as seen, but for what has not come whole yet. */
  async begin(found: Survey): Promise<void> {
    const index = indexOf(found);
    for (const lane of found.lanes)
      for (const { view, claim } of lane.live) {
        const { channels, envelopes } = view.counts;
        const position = {
          ...positionOf(view.place),
          channels,
          envelopes: Math.min(envelopes, claim.envelopes),
        };
        const segment = new FollowedSegment(this.identity, position);
        this.#segments.set(keyOf(position), segment);
        if (view !== lane.live.at(-1)?.view) position.envelopes = envelopes;
        // Tags are worked out now, so that the first mail need not wait for it.
        else
          await segment.look(view, {
            handle: async (own) =>
              (await this.#open(own, { view, claim }, index, () => undefined)) !== undefined,
            moved: async () => undefined,
          });
      }
  }

  /** Gives out what came since the last look. What `deliver` throws is thrown; the mail is given again then. */
  async look(found: Survey, followed: Followed): Promise<void> {
    const index = indexOf(found);
    for (const lane of found.lanes) {
      for (const { view, claim } of lane.live) {
        const start = positionOf(view.place);
        const segment = this.#segments.get(keyOf(start)) ?? new FollowedSegment(this.identity, start);
        this.#segments.set(keyOf(start), segment);
        const isNewest = view === lane.live.at(-1)?.view;
        if (!isNewest && !segment.hasNews(view)) {
          segment.release();
          continue;
        }
        const handle = async (own: OwnEnvelope) => {
          const mail = await this.#open(own, { view, claim }, index, (words) => followed.fault(words));
          return mail instanceof Mail ? followed.deliver(mail, index) : mail === 'gone';
        };
        await segment.look(view, { handle, moved: () => followed.moved() }).catch((error: unknown) => {
          if (!(error instanceof FormatError)) throw error;
          followed.fault(error.message);
        });
        if (!isNewest && segment.position.waiting.length === 0) segment.release();
      }
      for (const { dropped } of lane.dropped)
        for (const [key, { position }] of this.#segments)
          if (position.lane === hex(dropped.lane) && position.segment === dropped.segment)
            this.#segments.delete(key);
    }
  }

  /** A mail that counts; 'gone' if it was erased or is expired; undefined if it is not whole, or damaged. */
  async #open(
    { number, cell, key }: OwnEnvelope,
    { view, claim }: Pick<LiveSegment, 'view' | 'claim'>,
    index: SegmentIndex,
    fault: (words: string) => void,
  ): Promise<Mail | 'gone' | undefined> {
    const { place } = view;
    const id = idOf(cell);
    const plaintext = openEnvelope(cell, key, place, number);
    if (!plaintext && isErased(cell)) return 'gone';
    try {
      if (!plaintext) {
        if (number >= claim.envelopes) return undefined;
        throw new FormatError(describePlace(place, 'envelopes', number), whatOf(cell, view, number));
      }
      const mail = new Mail(id, this.identity, place, number, plaintext);
      if (index.mayBeExpired(mail) && (await index.expired(mail)) !== undefined) return 'gone';
      return number < claim.envelopes || (await index.allStand(mail)) ? mail : undefined;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      fault(`${error.message} (mail ${id})`);
      return undefined;
    }
  }
}

function whatOf(cell: Uint8Array, { place }: LiveSegment['view'], number: number): string {
  return checkedHash(cell, place, 'envelopes', number)
    ? 'envelope is sealed with the right key but does not open: it was changed'
    : 'envelope does not match its check: it is damaged';
}

function indexOf({ lanes }: Survey): SegmentIndex {
  return new SegmentIndex(
    lanes.flatMap(({ live }) => live.map(({ view }) => view)),
    lanes.flatMap((lane) =>
      lane.dropped.map(({ dropped, checkpoint }) => ({ ...dropped, blocks: checkpoint.trees.blocks.size })),
    ),
  );
}

function positionOf({ lane, segment, id }: LiveSegment['view']['place']): Position {
  return startOf(hex(lane), segment, hex(id));
}

function keyOf({ lane, segment, id }: Position): string {
  return `${lane}/${segment}/${id}`;
}
