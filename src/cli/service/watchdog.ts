/** Watchdog: says that all is well as long as each process of the server answers, and its commits end. */

/** How one worker goes. */
export interface Pulse {
  /** Commits that ended since it began. */
  readonly commits: number;
  /** Whether somebody waits for a commit. */
  readonly isCommitting: boolean;
}

/** Whether all is well, look by look: a commit that was there at the last look must have ended since. */
export class Wellness {
  #before: readonly Pulse[] = [];

  /** `pulses`: of all workers that should be there; undefined for one that did not answer. */
  look(pulses: readonly (Pulse | undefined)[]): boolean {
    const before = this.#before;
    this.#before = pulses.map((pulse) => pulse ?? { commits: -1, isCommitting: false });
    return pulses.every((pulse, at) => {
      const then = before[at];
      if (pulse === undefined) return false;
      return !(then?.isCommitting && pulse.isCommitting && then.commits === pulse.commits);
    });
  }
}

export interface WatchdogOptions {
  /** Silence after which the server is taken for dead. */
  readonly milliseconds: number;
  readonly pulses: () => Promise<readonly (Pulse | undefined)[]>;
  readonly onWell: () => Promise<void>;
}

/** Looks three times in the time that is given. Stops by the function that it gives back. */
export function startWatchdog({ milliseconds, pulses, onWell }: WatchdogOptions): () => void {
  const wellness = new Wellness();
  let isLooking = false;
  const look = async () => {
    // A worker that does not answer holds up the next look: silence says enough.
    if (isLooking) return;
    isLooking = true;
    try {
      if (wellness.look(await pulses())) await onWell();
    } finally {
      isLooking = false;
    }
  };
  const timer = setInterval(() => void look(), milliseconds / 3);
  void look();
  return () => clearInterval(timer);
}
