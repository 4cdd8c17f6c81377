/** The numbers of all rounds as one Markdown table of medians. */
import type { Column, Results } from './results.js';

const cell = (value: number | undefined, digits: number) =>
  value === undefined ? '' : value.toFixed(digits);

/** Columns of words in Markdown; the first is set to the left, the others to the right, or all to the left if `words`. */
export function markdown(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  words = false,
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = line(head.map((_, at) => (at === 0 || words ? '---' : '---:')));
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** One row for each receiver, and a column more for each yardstick of a column. What was not measured is empty. */
export function table(
  receivers: readonly string[],
  columns: readonly Column[],
  results: Pick<Results, 'median' | 'ratio'>,
): string {
  const head = ['receiver'];
  const rows = receivers.map((receiver) => [receiver]);
  const fill = (name: string, words: (receiver: string) => string) => {
    head.push(name);
    for (const row of rows) row.push(words(row[0] as string));
  };
  for (const { name, digits, yardsticks } of columns) {
    fill(name, (receiver) => cell(results.median(receiver, name), digits));
    for (const yardstick of yardsticks)
      fill(`× ${yardstick.split(',')[0]}`, (receiver) => cell(results.ratio(receiver, yardstick, name), 2));
  }
  return markdown(head, rows);
}
