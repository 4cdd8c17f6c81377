/** Middle numbers, percentiles and spreads of what was measured. */

/** The middle number, or the mean of the two middle ones; undefined of none. */
export function median(numbers: readonly number[]): number | undefined {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** The least number that so many percent of all are not above (nearest rank); undefined of none. `percent`: above 0, to 100. */
export function percentile(numbers: readonly number[], percent: number): number | undefined {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.ceil((percent * sorted.length) / 100) - 1];
}

/** The middle one of some numbers, and how far the others lie from it. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Undefined of none. */
export function spread(numbers: readonly number[]): Spread | undefined {
  const middle = median(numbers);
  return middle === undefined
    ? undefined
    : { median: middle, least: Math.min(...numbers), most: Math.max(...numbers) };
}
