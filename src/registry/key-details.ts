/** Key details: what may be said of a registered key beside the key, and which of it makes no sense. */
import { Problem } from '../core/errors.js';
import { type Entry, maxLabelSize } from './recipient-body.js';

/** What is left out stays as it was; null takes it away. Times are seconds since 1970. */
export interface KeyDetails {
  /** At most 64 octets of UTF-8, without control characters. */
  readonly label?: string | null | undefined;
  /** The key is used from this second on. */
  readonly from?: number | null | undefined;
  /** The key is used up to before this second. */
  readonly until?: number | null | undefined;
}

/** The entry with these details. Throws a usage Problem for a label or for times that cannot be. */
export function detailed(entry: Entry, details: KeyDetails): Entry {
  const label = details.label === undefined ? entry.label : (details.label ?? '');
  const from = details.from === undefined ? entry.from : (details.from ?? undefined);
  const until = details.until === undefined ? entry.until : (details.until ?? undefined);
  if (Buffer.byteLength(label) > maxLabelSize)
    throw new Problem('usage', `a label has at most ${maxLabelSize} octets, not ${Buffer.byteLength(label)}`);
  if (/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(label))
    throw new Problem('usage', 'a label has no control characters in it');
  for (const time of [from, until])
    if (time !== undefined && !(Number.isSafeInteger(time) && time > 0))
      throw new Problem('usage', 'a time is a whole number of seconds since 1970');
  if (from !== undefined && until !== undefined && until <= from)
    throw new Problem('usage', 'the end of the time a key is used lies after its beginning');
  return {
    publicKey: entry.publicKey,
    label,
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    registeredAt: entry.registeredAt,
  };
}
