/** Answering: which mails of an index answer a query. */
import type { Part } from './part.js';
import type { Wanted } from './query.js';

/** A mail that answers as far as the index can tell. */
export interface Answer {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** It answers only if these stand in it, or do not, as they are wanted or not. */
  readonly toConfirm: readonly Wanted[];
}

/** The mails of a part that answer. Throws DamagedPart. */
export function answersOf(part: Part, wanted: readonly Wanted[]): Answer[] {
  const mails = part.mails();
  const answers = new Uint8Array(mails.length).fill(1);
  const unsure: { one: Wanted; marks: Uint8Array }[] = [];
  for (const one of wanted) {
    const marks = marksOf(part, one, mails.length);
    if (one.phrase) unsure.push({ one, marks });
    // An unwanted phrase leaves out only mails of which it is known that it stands in them.
    if (one.isUnwanted && one.phrase) continue;
    for (let at = 0; at < answers.length; at++) if ((marks[at] === 1) === one.isUnwanted) answers[at] = 0;
  }
  const found: Answer[] = [];
  for (let at = 0; at < answers.length; at++)
    if (answers[at] === 1)
      found.push({
        id: mails.id(at),
        receivedAt: mails.receivedAt(at),
        toConfirm: unsure.filter(({ marks }) => marks[at] === 1).map(({ one }) => one),
      });
  return found;
}

function marksOf(part: Part, { terms, isPrefix, fields }: Wanted, mails: number): Uint8Array {
  let all: Uint8Array | undefined;
  for (const [at, term] of terms.entries()) {
    const own = new Uint8Array(mails);
    part.mark(term, isPrefix && at === terms.length - 1, fields, own);
    if (all)
      for (let mail = 0; mail < mails; mail++) own[mail] = (own[mail] as number) & (all[mail] as number);
    all = own;
  }
  return all ?? new Uint8Array(mails);
}
