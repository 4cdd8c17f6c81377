/** Position: how far one identity's mail of a segment was followed, so that nothing is missed and little is seen twice. */

export interface Position {
  /** Lane's id and segment's id in hexadecimal, and the segment's number. */
  readonly lane: string;
  readonly segment: number;
  readonly id: string;
  /** Channel cells below this were tried, but for those that were damaged. */
  channels: number;
  untried: readonly number[];
  /** Envelopes below this were looked at. */
  envelopes: number;
  /** Own envelopes among them that are still to be delivered: not whole yet, damaged, or put off. */
  waiting: readonly number[];
}

/** A segment of which nothing was looked at. */
export function startOf(lane: string, segment: number, id: string): Position {
  return { lane, segment, id, channels: 0, untried: [], envelopes: 0, waiting: [] };
}

/** Whether a value that was read from a file is a position. */
export function isPosition(value: unknown): value is Position {
  if (typeof value !== 'object' || value === null) return false;
  const { lane, segment, id, channels, untried, envelopes, waiting } = value as Partial<Position>;
  const isId = (text: unknown) => typeof text === 'string' && /^[0-9a-f]{32}$/.test(text);
  const isNumber = (one: unknown) => Number.isSafeInteger(one) && (one as number) >= 0;
  const areNumbers = (list: unknown) => Array.isArray(list) && list.every(isNumber);
  return (
    isId(lane) &&
    isId(id) &&
    [segment, channels, envelopes].every(isNumber) &&
    [untried, waiting].every(areNumbers)
  );
}
