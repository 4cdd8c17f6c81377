/** Rounded numbers: counts as they are shown to whoever has the disk (spec/leaks.md). */

/** The smallest multiple of max(8, 2^(⌊log2 n⌋ − 2)) that is not below n; at least 8. Costs fewer than 8, or a quarter. */
export function rounded(n: number): number {
  const grain = Math.max(8, 2 ** (Math.floor(Math.log2(Math.max(n, 1))) - 2));
  return Math.max(8, Math.ceil(n / grain) * grain);
}
