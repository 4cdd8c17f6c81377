/** Counted: a number with what it counts. */

/** "1 cell", "2 cells". */
export function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
