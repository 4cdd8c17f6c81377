/** What all turns of all receivers gave, round by round. */
import { median } from './statistics.js';

/** One turn of one receiver: column → number. */
export type Numbers = Readonly<Record<string, number>>;

/** A column of the table, with the names of the receivers it is also shown as a multiple of. */
export interface Column {
  readonly name: string;
  readonly digits: number;
  readonly yardsticks: readonly string[];
}

export class Results {
  /** Receiver → column → the numbers of the rounds in their order. */
  readonly #numbers = new Map<string, Map<string, number[]>>();

  add(receiver: string, numbers: Numbers): void {
    const columns = this.#numbers.get(receiver) ?? new Map<string, number[]>();
    this.#numbers.set(receiver, columns);
    for (const [column, value] of Object.entries(numbers))
      columns.set(column, [...(columns.get(column) ?? []), value]);
  }

  values(receiver: string, column: string): readonly number[] {
    return this.#numbers.get(receiver)?.get(column) ?? [];
  }

  /** Undefined if it was not measured. */
  median(receiver: string, column: string): number | undefined {
    return median(this.values(receiver, column));
  }

  /** Each round's multiple of the yardstick, since a machine drifts: the ratio of two medians would mix slow rounds of one with fast ones of the other. */
  ratios(receiver: string, yardstick: string, column: string): number[] {
    const base = this.values(yardstick, column);
    return this.values(receiver, column).flatMap((value, round) => {
      const other = base[round];
      return other === undefined ? [] : [value / other];
    });
  }

  /** The median of `ratios`. */
  ratio(receiver: string, yardstick: string, column: string): number | undefined {
    return median(this.ratios(receiver, yardstick, column));
  }
}
