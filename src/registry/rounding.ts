/** Rounding: how many rows a table shows for how many it really has (spec/registry.md, Padding). */

/** The smallest multiple of max(8, 2^(floor(log2 rows) - 2)) that is not below `rows`; at least 8. */
export function roundedRows(rows: number): number {
  if (rows <= 8) return 8;
  const step = Math.max(8, 2 ** (Math.floor(Math.log2(rows)) - 2));
  return Math.ceil(rows / step) * step;
}
