/** The numbers of all rounds as one Markdown table of medians. */
import type { Column, Numbers } from './scenarios.js';

/** Receiver → its turns, in the order of the rounds. */
export type Turns = ReadonlyMap<string, readonly Numbers[]>;

/** The middle number, or the mean of the two middle ones; undefined of none. */
export function median(numbers: readonly number[]): number | undefined {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

function values(turns: Turns, receiver: string, column: string): number[] {
  return (turns.get(receiver) ?? []).map((turn) => turn[column]).filter((value) => value !== undefined);
}

/** Round by round, since a machine drifts: the ratio of two medians would mix slow rounds of one with fast ones of the other. */
function ratios(turns: Turns, receiver: string, yardstick: string, column: string): number[] {
  const base = values(turns, yardstick, column);
  return values(turns, receiver, column).flatMap((value, round) => {
    const other = base[round];
    return other === undefined ? [] : [value / other];
  });
}

const cell = (value: number | undefined, digits: number) =>
  value === undefined ? '' : value.toFixed(digits);

/**
 * One row for each receiver. `results` holds, for each part of the table, its columns and the turns they are taken from.
 */
export function table(
  receivers: readonly string[],
  results: readonly { columns: readonly Column[]; turns: Turns }[],
): string {
  const head = ['receiver'];
  const rows = receivers.map((receiver) => [receiver]);
  const fill = (name: string, values: (receiver: string) => string) => {
    head.push(name);
    for (const row of rows) row.push(values(row[0] as string));
  };
  for (const { columns, turns } of results) {
    for (const { name, digits, yardsticks } of columns) {
      fill(name, (receiver) => cell(median(values(turns, receiver, name)), digits));
      for (const yardstick of yardsticks) {
        fill(`× ${yardstick.split(',')[0]}`, (receiver) =>
          cell(median(ratios(turns, receiver, yardstick, name)), 2),
        );
      }
    }
  }
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = line(head.map((_, at) => (at === 0 ? '---' : '---:')));
  return [line(head), rule, ...rows.map(line)].join('\n');
}
