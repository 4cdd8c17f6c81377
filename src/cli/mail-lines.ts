/** Mail lines: a mail that was opened, as a line of a list. */
import { listedOf } from '../reader/cache/listing.js';
import type { KeyChanges } from '../reader/key-changes.js';
import type { Mail } from '../reader/mail.js';
import { jsonLine, textLine } from './list-lines.js';

/** As "list --json" gives it, but for whether it was read. */
export function mailJsonLine(mail: Mail, changes: KeyChanges): string {
  return jsonLine(listedOf(mail), changes, undefined);
}

/** As "list" gives it into a pipe. */
export function mailTextLine(mail: Mail, changes: KeyChanges): string {
  return textLine(listedOf(mail), changes, undefined, { columns: undefined, isBold: false, now: new Date() });
}
