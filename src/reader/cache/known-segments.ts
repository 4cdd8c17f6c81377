/** Known segments: what earlier readings found in the heads of segments, kept beside the mails (spec/cache.md, Segments). */
import { fromHex, hex, view } from '../../core/bytes.js';
import type { Counts } from '../../format/claim.js';
import type { PreviousSegment } from '../../format/head.js';
import { idSize } from '../../format/place.js';
import type { RememberedSegment, SegmentMemory } from '../../journal/journal-view.js';
import type { Keeper } from './keeper.js';
import { CacheDamage } from './sealed-rows.js';

const rowName = 'segments';

/** As it is kept: octets in hexadecimal, the checkpoint in base64. */
interface Written {
  readonly state: string;
  readonly id: string;
  readonly week: string;
  readonly previous?: Omit<PreviousSegment, 'id'> & { readonly id: string };
  readonly claim: Counts;
  readonly checkpoint?: string;
}

export class KnownSegments implements SegmentMemory {
  /** lane/number → what was found. */
  readonly #known: Map<string, Written>;
  /** Those that are there still. */
  readonly #met = new Map<string, Written>();
  #isNew = false;

  /** What the keeper's rows have; `now` gives milliseconds since 1970. */
  constructor(
    readonly keeper: Keeper,
    readonly now: () => number,
  ) {
    let known: Record<string, Written> = {};
    try {
      const row = keeper.rows.get(rowName);
      if (row) known = JSON.parse(view(row).toString('utf8')) as typeof known;
    } catch (error) {
      if (!(error instanceof CacheDamage) && !(error instanceof SyntaxError)) throw error;
      keeper.isDamaged = true;
    }
    this.#known = new Map(Object.entries(known));
  }

  recall(lane: Uint8Array, segment: number): RememberedSegment | undefined {
    const name = nameOf(lane, segment);
    const written = this.#known.get(name);
    const id = written && fromHex(written.id, idSize);
    const before = written?.previous && fromHex(written.previous.id, idSize);
    if (!written || !id || (written.previous && !before)) return undefined;
    this.#met.set(name, written);
    return {
      ...written,
      id,
      previous: written.previous && before && { ...written.previous, id: before },
      checkpoint:
        written.checkpoint === undefined
          ? undefined
          : new Uint8Array(Buffer.from(written.checkpoint, 'base64')),
    };
  }

  remember(lane: Uint8Array, segment: number, found: RememberedSegment): void {
    const { state, id, week, previous, claim, checkpoint } = found;
    this.#isNew = true;
    this.#met.set(nameOf(lane, segment), {
      ...{ state, id: hex(id), week, claim },
      ...(previous && { previous: { ...previous, id: hex(previous.id) } }),
      ...(checkpoint && { checkpoint: view(checkpoint).toString('base64') }),
    });
  }

  /** Writes what is new, and leaves out what is not there any more. */
  save(): void {
    if (this.keeper.isDamaged || (!this.#isNew && this.#met.size === this.#known.size)) return;
    const written = JSON.stringify(Object.fromEntries(this.#met));
    try {
      this.keeper.rows.put([[rowName, new Uint8Array(Buffer.from(written))]]);
    } catch (error) {
      // The disk may be full, or others hold the file: what is not kept is opened again the next time.
      if (error instanceof CacheDamage) throw error;
    }
  }
}

function nameOf(lane: Uint8Array, segment: number): string {
  return `${hex(lane)}/${segment}`;
}
