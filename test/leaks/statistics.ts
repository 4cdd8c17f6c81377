/**
 * Statistics of sealed cells: whether octets are as even as those of chance, and whether two heaps of cells are of one kind.
 * Every finding is a deviation that chance gives less than once in 10^9 runs of all these tests together.
 */

/**
 * Standard deviations from which on a chi-square is no chance. One run makes 10^5 tests, so each may err once in 10^14: that
 * is 7.7 of a normal distribution. With the fewest counts that are looked at, the tail is longer: 5.3 came up where a
 * normal one has 4.8 (1 500 000 draws).
 */
export const tooFar = 9.5;

/** With fewer counts for each value on average, a chi-square says nothing. */
const fewest = 4;

/** How far a chi-square lies above what is expected, in standard deviations (Wilson and Hilferty's approximation). */
function deviation(chiSquare: number, freedom: number): number {
  const spread = 2 / (9 * freedom);
  return (Math.cbrt(chiSquare / freedom) - (1 - spread)) / Math.sqrt(spread);
}

/** Of counts that should be even. */
export function unevenness(counts: ArrayLike<number>): number {
  const expected = sumOf(counts) / counts.length;
  if (expected < fewest) return 0;
  let chiSquare = 0;
  for (let at = 0; at < counts.length; at++) chiSquare += ((counts[at] as number) - expected) ** 2 / expected;
  return deviation(chiSquare, counts.length - 1);
}

/** Of two rows of counts that should be of one distribution, whichever it is. */
export function unlikeness(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const weight = Math.sqrt(sumOf(second) / sumOf(first));
  if (Math.min(sumOf(first), sumOf(second)) < 2 * fewest * first.length) return 0;
  let chiSquare = 0;
  let kinds = 0;
  for (let at = 0; at < first.length; at++) {
    const [a, b] = [first[at] as number, second[at] as number];
    if (a + b === 0) continue;
    chiSquare += (a * weight - b / weight) ** 2 / (a + b);
    kinds++;
  }
  return kinds < 2 ? 0 : deviation(chiSquare, kinds - 1);
}

function sumOf(row: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < row.length; at++) sum += row[at] as number;
  return sum;
}

/** Counts over cells of one size. */
export interface Counts {
  /** By value of an octet, anywhere. */
  readonly values: Uint32Array;
  /** By low halves of an octet and the next one. */
  readonly pairs: Uint32Array;
  /** By value of the octets of a cell, each XOR that of the cell before. */
  readonly steps: Uint32Array;
  /** For each octet of a cell, by its high half, then by its low half. */
  readonly columns: Uint32Array;
}

export function count(cells: readonly Uint8Array[]): Counts {
  const size = cells[0]?.length ?? 0;
  const values = new Uint32Array(256);
  const pairs = new Uint32Array(256);
  const steps = new Uint32Array(256);
  const columns = new Uint32Array(size * 32);
  let before: Uint8Array | undefined;
  for (const cell of cells) {
    let last = 0;
    for (let at = 0; at < size; at++) {
      const octet = cell[at] as number;
      values[octet]!++;
      if (at > 0) pairs[((last & 15) << 4) | (octet & 15)]!++;
      if (before) steps[octet ^ (before[at] as number)]!++;
      columns[at * 32 + (octet >> 4)]!++;
      columns[at * 32 + 16 + (octet & 15)]!++;
      last = octet;
    }
    before = cell;
  }
  return { values, pairs, steps, columns };
}

/** Where cells are not as even as chance: "values: 12.3 standard deviations". Of few cells no single octets. */
export function unevenIn(counts: Counts): string[] {
  return rowsOf(counts).flatMap(([name, row]) => told(name, unevenness(row)));
}

/** Where two heaps of cells are not of one kind. */
export function unlikeIn(first: Counts, second: Counts): string[] {
  const others = rowsOf(second);
  return rowsOf(first).flatMap(([name, row], at) => told(name, unlikeness(row, others[at]?.[1] ?? [])));
}

function told(name: string, by: number): string[] {
  return by > tooFar ? [`${name}: ${by.toFixed(1)} standard deviations`] : [];
}

function rowsOf({ values, pairs, steps, columns }: Counts): [string, ArrayLike<number>][] {
  const rows: [string, ArrayLike<number>][] = [
    ['values', values],
    ['pairs', pairs],
    ['steps from cell to cell', steps],
  ];
  for (let bit = 1; bit < 256; bit <<= 1) {
    const sides = [0, 0];
    for (const [value, count] of values.entries()) sides[value & bit ? 1 : 0]! += count;
    rows.push([`bit of value ${bit}`, sides]);
  }
  for (let at = 0; at < columns.length; at += 16)
    rows.push([`octet ${at >> 5}, ${at & 16 ? 'low' : 'high'} half`, columns.subarray(at, at + 16)]);
  return rows;
}

const pieceLength = 10;

/**
 * Pieces of ten octets that come up twice, in one cell, in two, or in two streams. What is looked up begins anywhere; what
 * is remembered at every second octet of a small cell, and at every tenth of a block.
 */
export function repeatsIn(cells: readonly Buffer[]): string[] {
  const whole = Buffer.concat(cells);
  /** Where a remembered piece begins, and one, by its hash. */
  const table = new Int32Array(2 ** 21);
  /** A bit for each remembered piece, by another part of its hash: it says of most pieces that they never came. */
  const bits = new Uint8Array(2 ** 20);
  const found: string[] = [];
  const isSame = (one: number, other: number) =>
    whole.compare(whole, one, one + pieceLength, other, other + pieceLength) === 0;
  let start = 0;
  for (const cell of cells) {
    const apart = cell.length < 2000 ? 2 : pieceLength;
    const end = start + cell.length - pieceLength;
    /** The octets from `at` on as one number, and those from `at + 6` on. */
    let [first, second] = end >= start ? [whole.readInt32BE(start), whole.readInt32BE(start + 6)] : [0, 0];
    for (let at = start; at <= end; at++) {
      const hash = Math.imul(first ^ second, 0x9e3779b1);
      first = (first << 8) | (whole[at + 4] as number);
      second = (second << 8) | (whole[at + 10] as number);
      const isKept = (at - start) % apart === 0;
      const [byte, bit] = [hash >>> 12, 1 << ((hash >>> 9) & 7)];
      const isKnown = ((bits[byte] as number) & bit) !== 0;
      if (!isKnown && !isKept) continue;
      bits[byte] = (bits[byte] as number) | (isKept ? bit : 0);
      let slot = hash >>> 11;
      while (table[slot] !== 0 && !(isKnown && isSame((table[slot] as number) - 1, at)))
        slot = (slot + 1) % table.length;
      if (table[slot] === 0) {
        if (isKept) table[slot] = at + 1;
        continue;
      }
      const before = (table[slot] as number) - 1;
      found.push(`octets ${before} and ${at}: ${whole.toString('hex', at, at + pieceLength)}`);
    }
    start += cell.length;
  }
  return found.slice(0, 10);
}

/** The coefficients of the first ML-KEM part of X-Wing ciphertexts, ten bits each, counted by value. */
export function coefficientsOf(channels: readonly Buffer[]): Uint32Array {
  const counts = new Uint32Array(1024);
  for (const cell of channels)
    for (let at = 0; at < 960; at += 5) {
      let four = cell.readUIntLE(at, 5);
      for (let part = 0; part < 4; part++) {
        counts[four % 1024]!++;
        four = Math.floor(four / 1024);
      }
    }
  return counts;
}
