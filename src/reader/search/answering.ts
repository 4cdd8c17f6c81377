/** Answering: which mails of an index answer a query. */
import type { Part, PartMails } from './part.js';
import type { Wanted } from './query.js';

/** The mails of a part that answer as far as the index can tell: of half a mailbox, few are asked for more. */
export class Answers {
  /** Milliseconds since 1970 of each. */
  readonly times: Float64Array;

  constructor(
    readonly mails: PartMails,
    /** Which of the mails of the part. */
    readonly numbers: Uint32Array,
    readonly unsure: readonly { readonly one: Wanted; readonly marks: Uint8Array }[],
  ) {
    // By hand: from() asks an iterator for each, which takes ten times as long.
    this.times = new Float64Array(numbers.length);
    for (let at = 0; at < numbers.length; at++) this.times[at] = mails.receivedAt(numbers[at] as number);
  }

  id(at: number): string {
    return this.mails.id(this.numbers[at] as number);
  }

  /** It answers only if these stand in it, or do not, as they are wanted or not. */
  toConfirm(at: number): readonly Wanted[] {
    const number = this.numbers[at] as number;
    return this.unsure.filter(({ marks }) => marks[number] === 1).map(({ one }) => one);
  }
}

/** The mails of a part that answer. Throws DamagedPart. */
export function answersOf(part: Part, wanted: readonly Wanted[]): Answers {
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
  const numbers = new Uint32Array(answers.length);
  let count = 0;
  for (let at = 0; at < answers.length; at++) if (answers[at] === 1) numbers[count++] = at;
  return new Answers(mails, numbers.subarray(0, count), unsure);
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
