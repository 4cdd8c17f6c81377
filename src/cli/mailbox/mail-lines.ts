/** Mail lines: a new mail, as a line of a list: nobody has read it, but old mail that was brought in may come read. */
import { envelopeFlags } from '../../format/envelope-flags.js';
import { listedOf } from '../../reader/cache/listing.js';
import type { KeyChanges } from '../../reader/key-changes.js';
import type { Mail } from '../../reader/mail.js';
import { jsonLine, textLine } from './list-lines.js';

/** As "list --json" gives it. */
export function mailJsonLine(mail: Mail, changes: KeyChanges): string {
  return jsonLine(listedOf(mail), changes, isUnread(mail));
}

/** As "list" gives it into a pipe. */
export function mailTextLine(mail: Mail, changes: KeyChanges): string {
  return textLine(listedOf(mail), changes, isUnread(mail), {
    columns: undefined,
    isBold: false,
    now: new Date(),
  });
}

function isUnread({ flags }: Mail): boolean {
  return (flags & envelopeFlags.seen) === 0;
}
