/** Shown size: how many octets something has, in a column of a list. */

/** Octets in five characters: "  512", " 5.1k", "  20M". */
export function size(octets: number): string {
  const units = ['', 'k', 'M', 'G'];
  let value = octets;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit > 0 && value < 9.95 ? value.toFixed(1) : String(Math.round(value));
  return `${digits}${units[unit]}`.padStart(5);
}
