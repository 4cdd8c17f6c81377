/** Errors: the two kinds that are not bugs. A third kind, a refusal to a mail client, is a Reply value. */

/** Bytes that are against the specification. The message begins with the place: "lane 3f9a, segment 12, block 8192: …". */
export class FormatError extends Error {
  override name = 'FormatError';
  constructor(
    readonly place: string,
    readonly fault: string,
  ) {
    super(`${place}: ${fault}`);
  }
}

/** Bytes of a version that only a newer program reads. They are no damage. */
export class NewerVersion extends FormatError {
  override name = 'NewerVersion';
}

/** What went wrong, for the exit code of a command (spec/commands.md). */
export type ProblemKind = 'failure' | 'usage' | 'missing' | 'identity' | 'damage' | 'later';

/** Something that a person can mend. The message is one line: what, where, how to mend it. */
export class Problem extends Error {
  override name = 'Problem';
  constructor(
    readonly kind: ProblemKind,
    message: string,
  ) {
    super(message);
  }
}
