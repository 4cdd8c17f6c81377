/** Watcher: looks at a journal whenever it has changed, and hands what came to the deliveries. */
import { equal, hex } from '../../core/bytes.js';
import { FormatError, Problem } from '../../core/errors.js';
import { JournalChanges } from '../../journal/changes.js';
import { openDirectory } from '../../journal/directory-view.js';
import type { JournalView } from '../../journal/journal-view.js';
import { openRegular } from '../../journal/regular-file.js';
import type { Pin } from '../../reader/pins.js';
import { type Survey, survey } from '../../reader/survey.js';
import { Follower } from '../../reader/watch/follower.js';
import type { Identity } from '../../seal/keys.js';
import { mergePins } from '../mailbox/pins-file.js';
import { inform, say } from '../terminal/output.js';
import { type Deliveries, Stopped } from './deliveries.js';
import type { LastingFaults } from './lasting-faults.js';
import type { WatchState } from './state-file.js';

export interface WatcherOptions {
  readonly folder: string;
  /** The journal's id. */
  readonly journal: Uint8Array;
  readonly identities: readonly Identity[];
  readonly deliveries: Deliveries;
  readonly faults: LastingFaults;
  readonly state: WatchState | undefined;
  /** Begin with the oldest mail where the state knows nothing. */
  readonly all: boolean;
  /** One look, and the end. */
  readonly once: boolean;
  readonly everySeconds: number;
  readonly pins: readonly Pin[];
  /** Called after a look with what is to be pinned; none if pins are at fault. */
  readonly seen: (newest: readonly Pin[], pinFaults: number) => Promise<void>;
  readonly isStopped: () => boolean;
}

export class Watcher {
  readonly #options: WatcherOptions;
  readonly #changes: JournalChanges;
  #followers: readonly Follower[] | undefined;
  #pins: readonly Pin[];
  #view: JournalView | undefined;
  #isGone = false;
  #isDirty = false;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#changes = new JournalChanges(options.folder, options.everySeconds * 1000);
    this.#pins = options.pins;
  }

  /** Ends a wait. */
  wake(): void {
    this.#changes.wake();
  }

  /** Until it is stopped. Throws a Problem where another journal stands in the place of this one. */
  async run(): Promise<void> {
    const { isStopped, faults, deliveries, once } = this.#options;
    try {
      while (!isStopped()) {
        const stamp = await this.#changes.stamp();
        await this.#look();
        const soonest = Math.min(faults.settle(), deliveries.putOff.next());
        if (once) return;
        await this.#changes.after(stamp, soonest, isStopped);
      }
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    } finally {
      this.#changes.close();
      await this.#save();
    }
  }

  async #look(): Promise<void> {
    const opened = await this.#open();
    if (!opened) return;
    const { view, found } = opened;
    const { faults, deliveries, seen } = this.#options;
    try {
      for (const fault of found.faults) faults.meet(fault);
      this.#followers ??= await this.#begin(found);
      for (const follower of this.#followers)
        await follower.look(found, {
          deliver: (mail, index) => deliveries.deliver(mail, index),
          fault: (words) => faults.meet(words),
          moved: () => this.#moved(),
        });
      await this.#save();
      if (found.pinFaults === 0) this.#pins = mergePins(this.#pins, found.newest, []);
      deliveries.putOff.settle();
      await seen(found.newest, found.pinFaults);
    } finally {
      await view.close();
    }
  }

  /** Undefined while there is no journal: it is waited for. */
  async #open(): Promise<{ view: JournalView; found: Survey } | undefined> {
    const { folder, journal } = this.#options;
    try {
      const { id } = await closed(await openDirectory(folder));
      if (!equal(id, journal)) throw new Replaced(folder, id);
      // What vanished is forgotten.
      if (this.#isGone) this.#view = undefined;
      this.#view ??= await openDirectory(folder, openRegular, { remembers: true });
      const view = this.#view;
      const found = await survey(view, this.#pins).catch(async (error: unknown) => {
        await view.close();
        throw error;
      });
      if (this.#isGone) inform(`obalka: ${folder}: the journal is back`);
      this.#isGone = false;
      return { view, found };
    } catch (error) {
      if (error instanceof Replaced) throw error;
      const isOfFiles = error instanceof Error && 'code' in error;
      if (!(error instanceof Problem || error instanceof FormatError || isOfFiles)) throw error;
      if (!this.#isGone) say(`obalka: ${(error as Error).message}; waiting for it to come back`);
      this.#isGone = true;
      return undefined;
    }
  }

  async #begin(found: Survey): Promise<Follower[]> {
    const { folder, identities, state, journal, all, once } = this.#options;
    const followers: Follower[] = [];
    const kept = identities.map((identity) => state?.positions(identity, journal));
    // A key that came since: the mail that it was for would otherwise be nobody's.
    const reached = kept.find((positions) => positions)?.map((one) => ({ ...one, waiting: [] }));
    for (const [at, identity] of identities.entries()) {
      const positions = kept[at] ?? (all ? undefined : reached);
      // What was reached is copied: each follower moves its own.
      const follower = new Follower(
        identity,
        positions?.map((one) => ({ ...one })),
      );
      if (!positions && !all) await follower.begin(found);
      followers.push(follower);
    }
    this.#isDirty = true;
    if (!once) inform(`watching ${folder}`);
    return followers;
  }

  /** With a command each mail counts by itself; lines alone are remembered at the end of a look. */
  async #moved(): Promise<void> {
    this.#isDirty = true;
    if (this.#options.deliveries.isCostly) await this.#save();
  }

  async #save(): Promise<void> {
    const { state, journal } = this.#options;
    if (!state || !this.#followers || !this.#isDirty) return;
    this.#isDirty = false;
    await state.save(journal, this.#followers);
  }
}

async function closed(view: JournalView): Promise<JournalView> {
  await view.close();
  return view;
}

class Replaced extends Problem {
  constructor(folder: string, id: Uint8Array) {
    super(
      'failure',
      `${folder}: another journal (${hex(id.subarray(0, 4))}) stands here now; start again if that is meant`,
    );
  }
}
