/** Chunk: the arguments of BDAT, and the octets that follow it (RFC 3030 section 2). */
import { type Reply, replies } from './replies.js';

/** One chunk while it comes in. */
export interface Chunk {
  /** Octets that have not come yet. */
  left: number;
  readonly last: boolean;
  /** Why the command is refused: its octets are swallowed, then this is said. */
  readonly refusal: Reply | undefined;
}

/**
 * Reads "size" or "size LAST", the size in decimal digits. Undefined if it cannot be known where the chunk ends. If
 * only what follows the size is wrong, the chunk is one to swallow.
 */
export function readChunk(text: string): Chunk | undefined {
  const [, digits, rest = ''] = /^(\d+)( .*)?$/.exec(text) ?? [];
  const left = digits === undefined ? Number.NaN : Number(digits);
  if (!Number.isSafeInteger(left)) return undefined;
  const last = /^ last$/i.test(rest);
  return { left, last, refusal: last || rest === '' ? undefined : replies.badArguments };
}
