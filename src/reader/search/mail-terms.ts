/** Mail terms: of which texts of a mail the terms are, and how many count. */

/** Bits of the fields. */
export const fields = { from: 1, to: 2, subject: 4, body: 8, file: 16, header: 32 } as const;

/** A text and the field that it is of. */
export type FieldText = readonly [field: number, text: string];

/** Of a mail that has more, those that come first are found. */
export interface TermLimits {
  /** Different terms. */
  readonly terms: number;
  /** UTF-16 code units of text that are looked at. */
  readonly text: number;
}

export const termLimits: TermLimits = { terms: 50_000, text: 4 * 1024 * 1024 };

/** The beginning of many texts. */
export function* lookedAt(texts: Iterable<FieldText>, most = termLimits.text): Generator<FieldText> {
  let left = most;
  for (const [field, text] of texts) {
    if (left <= 0) return;
    yield [field, text.slice(0, left)];
    left -= text.length;
  }
}
