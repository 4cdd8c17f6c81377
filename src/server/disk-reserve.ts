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

/**
 * Refuses MAIL with 452 when less than `reserve` octets would be left, the declared size counted. What cannot be found
 * out refuses nothing: a disk that is full then refuses the content itself.
 */
export function diskReserve(reserve: number | undefined, space: () => Space | undefined): Policy {
  return {
    name: 'disk-reserve',
    connect: () => ({
      mail(_, { size = 0 }) {
        const now = space();
        if (now === undefined) return undefined;
        return now.free - size < (reserve ?? defaultReserve(now)) ? replies.noSpace : undefined;
      },
    }),
  };
}
