/** Disk reserve: mail is refused while there is still room for what the journal and the registry need besides. */
import type { Policy } from '../smtp/policy.js';
import { replies } from '../smtp/replies.js';

/** A file system: octets that may still be written, and octets in all. */
export interface Space {
  readonly free: number;
  readonly total: number;
}

/** Without another word: 64 MiB, or a sixteenth of a small disk. */
export function defaultReserve({ total }: Space): number {
  return Math.min(64 * 2 ** 20, Math.floor(total / 16));
}

/** Octets of content, of all mail together, between two looks at the disk. */
const betweenLooks = 2 ** 18;

/** Milliseconds in which the disk is not looked at again for another mail to begin. */
const lookHolds = 20;

/** What cannot be found out refuses nothing: a disk that is full then refuses the content itself. */
export class DiskReserve {
  /** Octets that stay free; undefined for as many as suit the disk. May change at any time. */
  reserve: number | undefined;
  readonly #space: () => Space | undefined;
  readonly #now: () => number;
  #last: Space | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** Octets of content since the last look. */
  #came = 0;

  /** `now`: milliseconds by a clock that only goes forward; without it the disk is looked at for each mail. */
  constructor(
    reserve: number | undefined,
    space: () => Space | undefined,
    now: () => number = () => Number.POSITIVE_INFINITY,
  ) {
    this.reserve = reserve;
    this.#space = space;
    this.#now = now;
  }

  /** Refuses MAIL with 452 when less than the reserve would be left, the declared size counted. */
  get policy(): Policy {
    return {
      name: 'disk-reserve',
      connect: () => ({
        mail: (_, { size = 0 }) => {
          if (!(this.#now() - this.#lookedAt < lookHolds)) this.#look();
          return this.#leaves(1, this.#came + size) ? undefined : replies.noSpace;
        },
      }),
    };
  }

  /** Whether so many octets of content may come on top: no more where less than three quarters of the reserve are left. */
  readonly takes = (octets: number): boolean => {
    this.#came += octets;
    if (this.#came >= betweenLooks) this.#look();
    return this.#leaves(0.75, 0);
  };

  #look(): void {
    this.#last = this.#space();
    this.#lookedAt = this.#now();
    this.#came = 0;
  }

  /** By the last look, when so many octets more are taken. */
  #leaves(share: number, octets: number): boolean {
    const last = this.#last;
    if (last === undefined) return true;
    return last.free - octets >= share * (this.reserve ?? defaultReserve(last));
  }
}
