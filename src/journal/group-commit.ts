/** Group commit: one sync serves all who wait. Envelopes are numbered, sealed and queued in one synchronous act. */

import { append } from '../core/long-lists.js';
import type { SegmentPlace } from '../format/place.js';
import type { Run } from '../format/runs.js';
import type { Chance } from './chance.js';
import type { SegmentWriter } from './segment-writer.js';

/** How sealed cells come about; the journal only places, checks and keeps them. `E` is an envelope to be sealed. */
export interface Sealing<E> {
  /** A segment begins: bodies of its first channel cells, in order. Channels of the segment before are over. */
  beginSegment(at: SegmentPlace): Promise<readonly Uint8Array[]>;
  /**
   * Bodies of channel cells that these envelopes lack, the first of which gets number `next`: a few at a time, as each is
   * work; to be asked again until there are none. Often there are none at once.
   */
  openChannels(envelopes: readonly E[], at: SegmentPlace, next: number): readonly Uint8Array[];
  /** Fills the body of an envelope cell. Throws if it cannot be sealed any more; then it is left out. */
  sealEnvelope(envelope: E, body: Uint8Array, at: SegmentPlace, number: number): void;
}

/** What was lost with a segment that failed: whoever had blocks in it cannot be committed. */
export class LostBlocks extends Error {
  override name = 'LostBlocks';
}

interface Waiting<E> {
  readonly runs: readonly Run[];
  readonly envelopes: readonly E[];
  readonly resolve: (sealed: boolean[]) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommitOptions<E> {
  readonly sealing: Sealing<E>;
  readonly chance: Chance;
  /** The segment that takes cells, begun if need be. Rejects if the disk does not allow it. */
  readonly segment: () => Promise<SegmentWriter>;
  /** Told how long each commit took on disk, in milliseconds. */
  readonly onCommit?: ((milliseconds: number) => void) | undefined;
  /** Whether any of these blocks went with a segment that failed. */
  readonly isLost: (runs: readonly Run[]) => boolean;
}

/** Who waits when a commit has this many envelopes waits for the next: their channels all fit into a segment. */
const envelopesPerCommit = 16_384;
/**
 * Where mails come while the disk is busy, the next commit lets so many turns of the loop pass, until so many wait: a sync
 * costs the processor as much as sealing some mails, whatever it serves. Turns are short where nobody has anything to say.
 */
const gathering = { turns: 4, enough: 8 };
/** Envelopes of a commit are filled up to a multiple of this (spec/journal.md, Fillers). */
const envelopesPerGroup = 4;

export class GroupCommit<E> {
  readonly #options: GroupCommitOptions<E>;
  #waiting: Waiting<E>[] = [];
  #running: Promise<void> | undefined;
  #ended = 0;
  /** How many are in the commit that is under way. */
  #inHand = 0;
  /** Somebody came while the last commit was on its way to the disk. */
  #cameMeanwhile = false;

  constructor(options: GroupCommitOptions<E>) {
    this.#options = options;
  }

  /** See Lane.commit. */
  commit(runs: readonly Run[], envelopes: readonly E[]): Promise<boolean[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ runs, envelopes, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** How many groups were dealt with, and how many wait or are being committed: if the first does not grow, the disk stands still. */
  get progress(): { readonly ended: number; readonly waiting: number } {
    return { ended: this.#ended, waiting: this.#waiting.length + this.#inHand };
  }

  /** Resolves when nobody waits any more. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Appends some of the channel cells that these envelopes lack; true if there were any. */
  appendChannels(segment: SegmentWriter, envelopes: readonly E[]): boolean {
    const bodies = this.#options.sealing.openChannels(envelopes, segment.place, segment.channels.numbered);
    for (const opened of bodies) segment.channels.append((body) => body.set(opened));
    return bodies.length > 0;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      let group: Waiting<E>[] = [];
      try {
        // Whoever else is about to finish shares the sync.
        const turns = this.#cameMeanwhile ? gathering.turns : 1;
        for (let turn = 0; turn < turns && (turn === 0 || this.#waiting.length < gathering.enough); turn++)
          await new Promise((resolve) => setImmediate(resolve));
        this.#cameMeanwhile = false;
        const segment = await this.#options.segment();
        // While channels are opened others get their turns, so the segment and those who wait are looked at again.
        const count = this.#countOfGroup();
        const waiting: E[] = [];
        for (let at = 0; at < count; at++) append(waiting, (this.#waiting[at] as Waiting<E>).envelopes);
        if (this.appendChannels(segment, waiting)) continue;
        group = this.#waiting.splice(0, count);
        this.#inHand = group.length;
        await this.#commitGroup(segment, this.#withoutLost(group));
      } catch (error) {
        for (const one of group.length > 0 ? group : this.#waiting.splice(0)) one.reject(error);
      }
      this.#inHand = 0;
      this.#ended++;
    }
    // In the same step as the look at who waits: whoever comes after it begins anew.
    this.#running = undefined;
  }

  /** How many of those who wait share the next commit. */
  #countOfGroup(): number {
    let envelopes = 0;
    const beyond = this.#waiting.findIndex((one) => {
      envelopes += one.envelopes.length;
      return envelopes > envelopesPerCommit;
    });
    return beyond < 0 ? this.#waiting.length : Math.max(1, beyond);
  }

  #withoutLost(group: readonly Waiting<E>[]): readonly Waiting<E>[] {
    return group.filter(({ runs, reject }) => {
      if (!this.#options.isLost(runs)) return true;
      reject(new LostBlocks('blocks of this message were in a segment that failed'));
      return false;
    });
  }

  /** Numbers and seals every envelope of the group in one synchronous act, then waits for the disk, then resolves. */
  async #commitGroup(segment: SegmentWriter, group: readonly Waiting<E>[]): Promise<void> {
    if (group.length === 0) return;
    const { sealing, chance } = this.#options;
    const envelopes: { readonly envelope: E; sealed: boolean }[] = [];
    for (const one of group)
      for (const envelope of one.envelopes) envelopes.push({ envelope, sealed: false });
    // Also those that a registration opened and has not yet made durable: these envelopes may need them.
    const opened = segment.channels.numbered > segment.claim.channels;
    const fillers = (envelopesPerGroup - (envelopes.length % envelopesPerGroup)) % envelopesPerGroup;
    for (const item of chance.shuffled([...envelopes, ...chance.fillers('envelopes', fillers)]))
      segment.envelopes.append((body, number) => {
        if (item instanceof Uint8Array) return body.set(item);
        try {
          sealing.sealEnvelope(item.envelope, body, segment.place, number);
          item.sealed = true;
        } catch {
          body.set(chance.fillers('envelopes', 1)[0] as Uint8Array);
        }
      });
    const began = performance.now();
    await segment.commit(opened ? ['channels', 'envelopes', 'blocks'] : ['envelopes', 'blocks']);
    this.#options.onCommit?.(performance.now() - began);
    this.#cameMeanwhile = this.#waiting.length > 0;
    let at = 0;
    for (const one of group) {
      one.resolve(envelopes.slice(at, at + one.envelopes.length).map(({ sealed }) => sealed));
      at += one.envelopes.length;
    }
  }
}
