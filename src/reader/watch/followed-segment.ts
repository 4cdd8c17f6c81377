/** Followed segment: the envelopes of one identity in a segment, each given out once, as cells are added. */

import { append } from '../../core/long-lists.js';
import { cellSizes, checkedHash } from '../../format/cell.js';
import type { SegmentView } from '../../journal/journal-view.js';
import { readAround } from '../../journal/read-around.js';
import { openChannel } from '../../seal/channel.js';
import type { Identity } from '../../seal/keys.js';
import { type Channel, TagTable } from '../tag-table.js';
import type { Position } from './position.js';

/** An envelope of ours. */
export interface OwnEnvelope {
  readonly number: number;
  readonly cell: Uint8Array;
  /** The key of its step. */
  readonly key: Uint8Array;
}

/** What is done with them. */
export interface Handling {
  /** True: it is done with. False: it is to be given again. */
  handle(envelope: OwnEnvelope): Promise<boolean>;
  /** Called when the position has moved. */
  moved(): Promise<void>;
}

/** Cells read at a time: about a megabyte. */
const cellsAtOnce = 819;

export class FollowedSegment {
  readonly position: Position;
  readonly #identity: Identity;
  /** Channels that were found together, each group with its tags. */
  readonly #tables: TagTable<Identity>[] = [];
  readonly #channels: Channel<Identity>[] = [];
  #isOpen = false;

  constructor(identity: Identity, position: Position) {
    this.#identity = identity;
    this.position = position;
  }

  /** Whether there may be anything to look at. */
  hasNews({ counts }: SegmentView): boolean {
    const { channels, untried, envelopes, waiting } = this.position;
    return (
      counts.channels > channels || counts.envelopes > envelopes || untried.length > 0 || waiting.length > 0
    );
  }

  /** Gives out what was not done with: what waits, then what is new, in order. What `handle` throws is thrown. */
  async look(view: SegmentView, handling: Handling): Promise<void> {
    if (this.#isOpen && !this.hasNews(view)) return;
    const given = new Set<number>();
    const again = async (envelope: OwnEnvelope) => {
      given.add(envelope.number);
      await this.#give(envelope, handling);
    };
    const { known, found, channels, untried } = await this.#openChannels(view);
    const { position } = this;
    if (known.length > 0)
      await this.#walk(view, 0, position.envelopes, [this.#add(known)], async (envelope) => {
        if (position.waiting.includes(envelope.number)) await again(envelope);
      });
    // A channel that was not there before: all its envelopes are new.
    if (found.length > 0) await this.#walk(view, 0, position.envelopes, [this.#add(found)], again);
    this.#isOpen = true;
    if (channels !== position.channels || untried.length !== position.untried.length) {
      position.channels = channels;
      position.untried = untried;
      await handling.moved();
    }
    for (const number of position.waiting)
      if (!given.has(number)) await this.#walk(view, number, number + 1, this.#tables, again);
    await this.#walk(view, position.envelopes, view.counts.envelopes, this.#tables, async (envelope) => {
      position.envelopes = envelope.number;
      await this.#give(envelope, handling);
    });
    if (position.envelopes < view.counts.envelopes) {
      position.envelopes = view.counts.envelopes;
      await handling.moved();
    }
  }

  /** Forgets tags and chains; they are worked out again when needed. */
  release(): void {
    for (const { chain } of this.#channels) chain.release();
    this.#channels.length = 0;
    this.#tables.length = 0;
    this.#isOpen = false;
  }

  async #give(envelope: OwnEnvelope, handling: Handling): Promise<void> {
    const { position } = this;
    const { number } = envelope;
    const isDone = await handling.handle(envelope);
    const others = position.waiting.filter((one) => one !== number);
    position.waiting = isDone ? others : [...others, number].sort((a, b) => a - b);
    position.envelopes = Math.max(position.envelopes, number + 1);
    await handling.moved();
  }

  #add(channels: readonly Channel<Identity>[]): TagTable<Identity> {
    const table = new TagTable(channels);
    this.#tables.push(table);
    append(this.#channels, channels);
    return table;
  }

  async #walk(
    view: SegmentView,
    from: number,
    to: number,
    tables: readonly TagTable<Identity>[],
    meet: (envelope: OwnEnvelope) => Promise<void>,
  ): Promise<void> {
    const size = cellSizes.envelopes;
    if (tables.length === 0) return;
    const end = Math.min(to, view.counts.envelopes);
    const room = Buffer.allocUnsafeSlow(Math.max(0, Math.min(cellsAtOnce, end - from)) * size);
    const some = (first: number, most: number, into?: Uint8Array) =>
      view.read('envelopes', first, most, into);
    for (let first = from; first < end; first += cellsAtOnce) {
      const count = Math.min(cellsAtOnce, end - first);
      const { cells } = await readAround(some, size, first, count, room.subarray(0, count * size));
      for (let at = 0; at + size <= cells.length; at += size)
        for (const table of tables) {
          const step = table.find(cells, at);
          if (!step) continue;
          await meet({ number: first + at / size, cell: cells.slice(at, at + size), key: step.key });
          break;
        }
    }
  }

  /** Tries the cells that were not tried in this process: of these some are known, as envelopes were looked at with them. */
  async #openChannels(view: SegmentView) {
    const size = cellSizes.channels;
    const { position } = this;
    const known: Channel<Identity>[] = [];
    const found: Channel<Identity>[] = [];
    const untried: number[] = [];
    const tryOne = (number: number, cell: Uint8Array) => {
      if (!checkedHash(cell, view.place, 'channels', number)) {
        untried.push(number);
        return;
      }
      const chain = openChannel(cell, this.#identity, view.place, number);
      const isKnown = number < position.channels && !position.untried.includes(number);
      if (chain) (isKnown ? known : found).push({ owner: this.#identity, chain });
    };
    if (this.#isOpen)
      for (const number of position.untried) tryOne(number, await view.read('channels', number, 1));
    let first = this.#isOpen ? position.channels : 0;
    for (; first < view.counts.channels; ) {
      const cells = await view.read('channels', first, cellsAtOnce);
      if (cells.length < size) break;
      for (let at = 0; at + size <= cells.length; at += size)
        tryOne(first + at / size, cells.subarray(at, at + size));
      first += cells.length / size;
    }
    return { known, found, channels: Math.max(first, position.channels), untried };
  }
}
